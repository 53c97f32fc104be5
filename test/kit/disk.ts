/** A disk that is full: the log's database itself refuses every write. */
import type { TestNode } from './node'

export const refuseWrites = (node: TestNode) =>
  node.node.logDatabase.script(`
    create or replace function full_disk() returns trigger language plpgsql as
      'begin raise exception using errcode = ''53100'', message = ''No space left on device''; end';
    create trigger full_disk before insert or update on events execute function full_disk();
    create trigger full_disk before insert or update on probe execute function full_disk();`)
export const allowWrites = (node: TestNode) =>
  node.node.logDatabase.script('drop trigger full_disk on events; drop trigger full_disk on probe;')
