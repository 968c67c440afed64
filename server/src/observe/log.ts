// The log: one JSON record a line on standard error, by pino. No token and no document content is ever given to it.
import { type Logger, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLog(level: LogLevel, name: string): Logger {
  return pino(
    { level, base: { replica: name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
