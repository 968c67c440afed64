// Two updates with other contents for the same clocks: each passes the check, and whoever applied both threw where one ends
// in the midst of the other. What is held already is left out of the second.
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Summary } from '@syncline/server/port/engine.ts';
import { expect, it } from 'vitest';
import * as Y from 'yjs';

const shifted = Buffer.from(
  'BA3o/qKOCQAnAQNtYXAFa2V5IDICBADo/qKOCQAHw6lsaW5lICgBA21hcAVrZXkgMAF3BgpsaW5lIIXo/qKOCQYReyJpbWFnZSI6IlxuYcOpIn0HAQN4bWwDAXAoAOj+oo4JCQVjbGFzcwF3AsOpBgEEdGV4dARsaW5rBHRydWWF6P6ijgkLGHsiaW1hZ2UiOiJzeW5jc3luY3N5bmMifYbo/qKOCQwEbGluawRudWxsxOj+oo4JAej+oo4JAgXlrZfDqUfo/qKOCQkGBADo/qKOCRAECsOpYUQ2AApzeW5jw6nwn5mCCbgBAAQBBHRleHQEc3luY4S4AQMZ5a2XYWluIHdoaWNoIGxheWVycyBzbG9wZcW4AQi4AQkQeyJpbWFnZSI6IvCfmYIifcS4AQK4AQMBYQcBA3htbAYEALgBHQEKJwEDbWFwBWtleSAwASgAuAEfBWtleSAxAXcD5a2XxLgBDbgBDgogZm9sZHPwn5mCEJgBAAcBBWFycmF5AAgAmAEAAn0IdwYgZm9sZHOHmAEAASgAmAEDBWtleSAxAXcD5a2Xh5gBAwMDZGl2BQEEdGV4dBh7ImltYWdlIjoiIGZvbGRzw6nwn5mCIn0nAQNtYXAFa2V5IDABKACYAQcFa2V5IDEBdwEKBwEDeG1sAwFwxrgBALgBAQZpdGFsaWMEdHJ1ZcSYAQq4AQEF5a2Xw6nGmAEMuAEBBml0YWxpYwRudWxsBwCYAQkDAXAoAQNtYXAFa2V5IDMBdwsgZm9sZHNsaW5lIMa4AQG4AQIEbGluaxR7ImhyZWYiOiJsaW5lIHN5bmMifca4AQK4AQMEbGluawRudWxsCzYQBQEEdGV4dA57ImltYWdlIjoiXG4ifQcBBWFycmF5AwNkaXYoAJgBBQJpZAF3BmHDqeWtlygBA21hcAVrZXkgNAF3FWluIHdoaWNoIGxheWVycyBzbG9wZUQ2ABjlrZdpbiB3aGljaCBsYXllcnMgc2xvcGUnAJgBBwVrZXkgMAMDZGl2BwEDeG1sAwFwJwEDbWFwBWtleSAzASgANhwFa2V5IDEBdwRzeW5jJwA2HAVrZXkgMAAIADYeAn0EdxVpbiB3aGljaCBsYXllcnMgc2xvcGUB6P6ijgkDAwMLAQ0B',
  'base64',
);
const whole = Buffer.from(
  'BA3o/qKOCQAnAQNtYXAFa2V5IDICBADo/qKOCQAHw6lsaW5lICgBA21hcAVrZXkgMAF3BgpsaW5lIIXo/qKOCQYReyJpbWFnZSI6IlxuYcOpIn0HAQN4bWwDAXAoAOj+oo4JCQVjbGFzcwF3AsOpBgEEdGV4dARsaW5rBHRydWWF6P6ijgkLGHsiaW1hZ2UiOiJzeW5jc3luY3N5bmMifYbo/qKOCQwEbGluawRudWxsxOj+oo4JAej+oo4JAgXlrZfDqUfo/qKOCQkGBADo/qKOCRAECsOpYUQ2AApzeW5jw6nwn5mCCbgBAAQBBHRleHQEc3luY4S4AQMZ5a2XYWluIHdoaWNoIGxheWVycyBzbG9wZcW4AQi4AQkQeyJpbWFnZSI6IvCfmYIifcS4AQK4AQMBYQcBA3htbAYEALgBHQEKJwEDbWFwBWtleSAwASgAuAEfBWtleSAxAXcD5a2XxLgBDbgBDgogZm9sZHPwn5mCEJgBAAcBBWFycmF5AAgAmAEAAn0IdwYgZm9sZHOHmAEAASgAmAEDBWtleSAxAXcD5a2Xh5gBAwMDZGl2BQEEdGV4dBh7ImltYWdlIjoiIGZvbGRzw6nwn5mCIn0nAQNtYXAFa2V5IDABKACYAQcFa2V5IDEBdwEKBwEDeG1sAwFwxrgBALgBAQZpdGFsaWMEdHJ1ZcSYAQq4AQEF5a2Xw6nGmAEMuAEBBml0YWxpYwRudWxsBwCYAQkDAXAoAQNtYXAFa2V5IDMBdwsgZm9sZHNsaW5lIMa4AQG4AQIEbGluaxR7ImhyZWYiOiJsaW5lIHN5bmMifca4AQK4AQMEbGluawRudWxsCzYABQEEdGV4dA57ImltYWdlIjoiXG4ifQcBBWFycmF5AwNkaXYoAJgBBQJpZAF3BmHDqeWtlygBA21hcAVrZXkgNAF3FWluIHdoaWNoIGxheWVycyBzbG9wZUQ2ABjlrZdpbiB3aGljaCBsYXllcnMgc2xvcGUnAJgBBwVrZXkgMAMDZGl2BwEDeG1sAwFwJwEDbWFwBWtleSAzASgANhwFa2V5IDEBdwRzeW5jJwA2HAVrZXkgMAAIADYeAn0EdxVpbiB3aGljaCBsYXllcnMgc2xvcGUB6P6ijgkDAwMLAQ0B',
  'base64',
);

it.each([
  ['what has a gap before it', [shifted, whole]],
  ['what it goes beyond', [whole, shifted]],
])('[CHK1] two contents for the same clocks do not meet behind %s', async (_, updates) => {
  const engine = new YjsEngine(new Uint8Array(16));
  const version = await engine.version(undefined, []);
  const document = new Y.Doc();
  for (const update of updates) {
    const summary = engine.check(update) as Summary;
    const trimmed = engine.trim(update, summary, version);
    version.add(summary);
    expect(() => Y.applyUpdate(document, trimmed)).not.toThrow();
  }
});
