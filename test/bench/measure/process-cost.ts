// What the operating system says that a process costs: the whole of it, with every thread and its collector, and with the
// processes that it has started.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports processor time in hundredths of a second to programs, whatever the kernel's own tick is. */
const tickUs = 10_000;

/** User and system time since the process began, in µs. What a child has used counts before and after it has ended. */
export function processorUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses and may hold spaces; user time is the 14th field. Behind user and
  // system time stand those of children that have ended.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return children(pid).reduce((sum, child) => sum + processorUs(child), ticks * tickUs);
}

function children(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Resident memory in KB, read as it stands: a collection is never forced. */
export function residentKb(pid: number): number {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!resident) throw new Error(`process ${pid} has no resident memory`);
  return Number(resident[1]);
}

/** That of a process and of those that it has started. */
export function residentKbOfAll(pid: number): number {
  return children(pid).reduce((sum, child) => sum + residentKbOfAll(child), residentKb(pid));
}
