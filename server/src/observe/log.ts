// The log: one JSON record a line on standard error, by pino. No token and no document content is ever given to it.
import { type Logger, pino } from 'pino';
import type { Notice } from '../port/observe.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLog(level: LogLevel, name: string): Logger {
  return pino(
    { level, base: { replica: name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** What goes by itself, sooner or later, is no error. */
export function logNotice(log: Logger, notice: Notice): void {
  log[levelOf(notice)](notice, notice.event);
}

function levelOf(notice: Notice): 'info' | 'warn' | 'error' {
  const { event } = notice;
  if (event === 'link') return notice.state === 'refused' ? 'error' : 'info';
  const isMended = event === 'audit-repaired' || event === 'document-repaired';
  return event === 'regression' || isMended ? 'warn' : 'error';
}
