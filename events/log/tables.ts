/** Tables of the log. The inline tables are written in the append's own transaction and can be rebuilt from events. */

export const logTables = `
create table if not exists streams (id int primary key, name text not null unique);
create table if not exists events (
  position bigint not null, stream int not null, version int not null, type text not null, v smallint not null,
  data text not null, meta text not null, command_id text, at bigint not null
);
create unique index if not exists events_position on events (position);
create unique index if not exists events_stream_version on events (stream, version);
create table if not exists event_types (type text, v smallint, primary key (type, v));
create table if not exists commands (
  command_id text constraint commands_id primary key, fingerprint text not null, outcome text, position bigint not null, at bigint not null
);
create table if not exists claim (kind text, key text, owner text not null, constraint claim_key primary key (kind, key));
create table if not exists counter (seed_id text, keyset_id text, next bigint not null, primary key (seed_id, keyset_id));
create table if not exists coin (
  seed_id text not null, keyset_id text, counter bigint, amount bigint not null, c text not null, purse text not null, state text not null,
  constraint coin_ref primary key (keyset_id, counter)
);
alter table coin add column if not exists signed_by text;
create index if not exists coin_purse on coin (purse, state);
drop index if exists coin_free;
create index if not exists coin_lot on coin (purse, amount, keyset_id, signed_by, counter) where state = 'free';
create table if not exists sheet (purse text, account text, msat bigint not null, primary key (purse, account));
create table if not exists snapshot (stream text primary key, version int not null, fold int not null, state text not null);
create table if not exists vault (ref text constraint vault_ref primary key, bytes bytea not null);
create table if not exists probe (id int primary key, at bigint not null);
create or replace function must(fine boolean, guard text) returns void language plpgsql as
  'begin if not fine then raise exception using errcode = ''RG001'', constraint = guard, message = guard; end if; end';
`

/** Tables whose rows are written over or taken out: what those leave behind has to be vacuumed. */
export const rewrittenTables = ['claim', 'coin', 'sheet', 'counter', 'snapshot', 'vault'] as const
