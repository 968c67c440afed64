import * as Y from 'yjs';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { metric } from '../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Witness } from '../support/witness.ts';

/** The next frame that the client sends goes nowhere, as on a broken path that does not break. */
function loseNextFrame({ provider }: StockClient): void {
  const socket = provider.ws!;
  Object.defineProperty(socket, 'send', {
    configurable: true,
    value: () => Reflect.deleteProperty(socket, 'send'),
  });
}

/** The client comes by what somebody wrote who is not connected, and does not send it on. */
function receiveElsewhere({ doc, provider }: StockClient, text: string): void {
  const elsewhere = new Y.Doc();
  elsewhere.getText('content').insert(0, text);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(elsewhere), provider);
}

const losses: Record<string, (anna: StockClient) => void> = {
  'an update of its own': (anna) => {
    loseNextFrame(anna);
    anna.text.insert(0, 'lost ');
    anna.text.insert(5, 'heard');
  },
  'several updates, some of them twice in a row': (anna) => {
    for (let at = 0; at < 20; at++) {
      if (at % 4 < 2) loseNextFrame(anna);
      anna.text.insert(anna.text.length, `${at} `);
    }
  },
  "another's writing, on which it types": (anna) => {
    receiveElsewhere(anna, 'never sent');
    anna.text.insert(anna.text.length, ', but typed on');
  },
  "another's writing, of which it deletes": (anna) => {
    receiveElsewhere(anna, 'never sent');
    anna.text.delete(0, 6);
  },
};

it.each(Object.keys(losses))(
  '[DOC3] a stock client that keeps from the server %s is asked for it on the same connection',
  async (what) => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const settings = { url: server.yjs, document: 'notes' };
    using anna = new StockClient(settings);
    const witness = new Witness(anna);
    using ben = await new StockClient(settings).synced();
    await anna.synced();
    await until('the server has asked once, as it always does', () => witness.requests === 1);
    losses[what]!(anna);
    await until('ben has all', () => ben.text.toJSON() === anna.text.toJSON());
    expect(Y.encodeStateVector(ben.doc)).toEqual(Y.encodeStateVector(anna.doc));
    expect(witness.requests).toBeGreaterThan(1);
    expect(await metric(server, 'gaps_asked_total')).toBeGreaterThan(0);
    expect(witness.connections).toBe(1);
    using cleo = await new StockClient(settings).synced();
    expect(cleo.text.toJSON()).toBe(anna.text.toJSON());
  },
);
