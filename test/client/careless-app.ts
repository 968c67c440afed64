// An app that waits for nothing of what it is promised: run as a process of its own, which a rejection that nobody hears would end.
import { createClient } from '@syncline/client';
import { until } from '../support/until.ts';

const client = createClient({ url: process.argv[2]! });
const [refused, closed] = [client.open('refused'), client.open('closed')];
refused.doc.getMap('a root name '.repeat(1_000)).set('key', 1);
void refused.saved();
void refused.saved({ tier: { replicas: 2 } });
// There is no such tier without a store, and what is open cannot be forgotten.
void refused.saved({ tier: 'local' });
void client.forget('refused');
await until('it is refused', () => refused.status.downloads.state === 'refused');
void refused.synced();
await closed.synced();
void closed.saved({ tier: { replicas: 2 } });
closed.close();
await client.close();
void refused.saved();
void refused.loaded();
// Rejections are looked at when a turn is over.
await new Promise((resolve) => setImmediate(resolve));
console.log('goes on');
