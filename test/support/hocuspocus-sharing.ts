// Scenarios of a stock Hocuspocus provider: many documents on one socket, sessions of one document, leaving, messages beside them.
import { strict as assert } from 'node:assert';
import { HocuspocusClient, HocuspocusSocket } from './hocuspocus-client.ts';
import { documentOf, join, type Scenario } from './hocuspocus-scenario.ts';
import { until } from './until.ts';

const manyDocuments = 20;

export const sharingScenarios: readonly Scenario[] = [
  {
    rules: '[HOC3]',
    name: `has ${manyDocuments} documents on one socket`,
    async run(place) {
      const { server, version } = place;
      const documents = Array.from({ length: manyDocuments }, (_, at) => documentOf(place, `many/${at}`));
      using sockets = new DisposableStack();
      const [hers, his] = [server, server].map(({ hocuspocus }) => {
        const socket = sockets.use(new HocuspocusSocket(hocuspocus, version));
        return documents.map((document) => sockets.use(new HocuspocusClient({ socket, document })));
      }) as [HocuspocusClient[], HocuspocusClient[]];
      await Promise.all([...hers, ...his].map((client) => client.synced()));
      hers.forEach(({ text }, at) => text.insert(0, `document ${at}`));
      await until('he has all', () => his.every(({ content }, at) => content === `document ${at}`));
      await Promise.all(hers.map((client) => client.saved()));
      assert.deepEqual([hers[0]!.socket.connections, his[0]!.socket.connections], [1, 1]);
    },
  },
  {
    rules: '[HOC3]',
    name: 'two sessions of one document on one socket are two',
    versions: ['4.8'],
    async run(place) {
      const { server, version } = place;
      using socket = new HocuspocusSocket(server.hocuspocus, version);
      const settings = { socket, document: documentOf(place, 'sessions'), sessionAwareness: true };
      using anna = await new HocuspocusClient(settings).synced();
      const ben = await new HocuspocusClient(settings).synced();
      using cleo = await join(place, 'sessions');
      for (const [client, name] of [
        [anna, 'Anna'],
        [ben, 'Ben'],
      ] as const)
        client.awareness.setLocalStateField('user', name);
      await until('cleo sees both', () => cleo.sees(anna) === 'Anna' && cleo.sees(ben) === 'Ben');
      await until('each sees the other', () => anna.sees(ben) === 'Ben' && ben.sees(anna) === 'Anna');
      anna.text.insert(0, 'from one');
      await until('the others have it', () => [ben, cleo].every(({ content }) => content === 'from one'));
      await anna.saved();
      ben[Symbol.dispose]();
      await until('ben is gone', () =>
        [anna, cleo].every(({ awareness }) => !awareness.getStates().has(ben.doc.clientID)),
      );
      cleo.text.insert(0, 'and ');
      await until('anna goes on', () => anna.content === 'and from one');
      assert.equal(socket.connections, 1);
    },
  },
  {
    rules: '[HOC8]',
    name: 'leaves one document, and is gone there at once; it comes back on the same socket',
    async run(place) {
      const { server, version } = place;
      using socket = new HocuspocusSocket(server.hocuspocus, version);
      const [left, kept] = [documentOf(place, 'left'), documentOf(place, 'kept')];
      const first = await new HocuspocusClient({ socket, document: left }).synced();
      using beside = await new HocuspocusClient({ socket, document: kept }).synced();
      using ben = await join(place, 'left');
      first.awareness.setLocalStateField('user', 'Anna');
      await until('ben sees her', () => ben.sees(first) === 'Anna');
      first[Symbol.dispose]();
      await until('she is gone', () => !ben.awareness.getStates().has(first.doc.clientID), 10_000);
      ben.text.insert(0, 'meanwhile');
      await ben.saved();
      using again = await new HocuspocusClient({ socket, document: left }).synced();
      assert.equal(again.content, 'meanwhile');
      again.text.insert(9, ', and then');
      await until('ben has it', () => ben.content === 'meanwhile, and then');
      beside.text.insert(0, 'untouched');
      await Promise.all([again.saved(), beside.saved()]);
      assert.equal(socket.connections, 1);
    },
  },
  {
    rules: '[HOC8]',
    name: 'is detached from its document and attached again',
    versions: ['4.8', '3.4'],
    async run(place) {
      const { server, version } = place;
      using socket = new HocuspocusSocket(server.hocuspocus, version);
      using anna = await new HocuspocusClient({ socket, document: documentOf(place, 'detached') }).synced();
      using ben = await join(place, 'detached');
      anna.awareness.setLocalStateField('user', 'Anna');
      await until('ben sees her', () => ben.sees(anna) === 'Anna');
      anna.provider.detach();
      await until('she is gone', () => !ben.awareness.getStates().has(anna.doc.clientID), 10_000);
      ben.text.insert(0, 'theirs');
      anna.text.insert(0, 'hers and ');
      await ben.saved();
      anna.provider.attach();
      await until('they agree', () => anna.content.length === 15 && anna.content === ben.content);
      await anna.saved();
      await until('ben sees her again', () => ben.sees(anna) === 'Anna');
      assert.equal(socket.connections, 1);
    },
  },
  {
    rules: '[HOC9]',
    name: 'is told what the app says over HTTP, and what it says itself reaches nobody else',
    async run(place) {
      const { server } = place;
      using anna = await join(place, 'stateless');
      using ben = await join(place, 'stateless');
      using elsewhere = await join(place, 'elsewhere');
      anna.provider.sendStateless('to the server alone');
      const name = encodeURIComponent(documentOf(place, 'stateless'));
      const answer = await fetch(`${server.http}/v1/documents/${name}/stateless`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ payload: 'for all' }),
      });
      assert.deepEqual(await answer.json(), { document: documentOf(place, 'stateless'), told: 2 });
      await until('both have heard it', () => [anna, ben].every(({ payloads }) => payloads.length > 0));
      assert.deepEqual([anna.payloads, ben.payloads, elsewhere.payloads], [['for all'], ['for all'], []]);
    },
  },
];
