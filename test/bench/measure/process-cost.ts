// What the operating system says that a process costs: the whole of it, with every thread and its collector.
import { readFileSync } from 'node:fs';

/** Linux reports processor time in hundredths of a second to programs, whatever the kernel's own tick is. */
const tickUs = 10_000;

/** User and system time since the process began, in µs. */
export function processorUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses and may hold spaces; user time is the 14th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

/** Resident memory in KB, read as it stands: a collection is never forced. */
export function residentKb(pid: number): number {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!resident) throw new Error(`process ${pid} has no resident memory`);
  return Number(resident[1]);
}
