// The cluster demo: real replicas, real links that are cut, in a real browser.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { ClusterDemo } from './cluster-demo-process.ts';
import { ClusterWindow, type Place, places } from './cluster-window.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const links = [
  ['Lisbon', 'Oslo'],
  ['Oslo', 'Nairobi'],
  ['Nairobi', 'Lisbon'],
] as const;
const verified = /^All 3 replicas verified equal as of \d\d:\d\d:\d\d$/;

describe('the cluster demo', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let demo: ClusterDemo;
  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), ClusterDemo.start(folder.path)]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), demo.end()]);
    folder[Symbol.dispose]();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await demo.post({ links: ['lisbon-oslo', 'oslo-nairobi', 'nairobi-lisbon'], isCut: false });
  });

  it('[CLD1] cuts every link, is typed in on all sides, differs, heals, and is equal again', async () => {
    const window = await ClusterWindow.open(browser, demo.url);
    await window.says(verified);
    const before: string[] = [];
    for (const place of places) {
      before.push(`${place} before. `);
      await window.type(place, before.at(-1)!);
      // Else what is typed next may land in the midst of it.
      await agree(window, before);
    }
    for (const place of places) {
      const others = places.filter((other) => other !== place);
      await until(`cursors are seen in ${place}`, async () => {
        const names = await window.cursorsIn(place);
        return others.every((other) => names.includes(other));
      });
    }

    for (const [from, to] of links) await window.link(from, to).click();
    await window.says(/^All replicas are cut off$/);
    for (const place of places) await window.type(place, `${place} alone. `);
    await window.says(/^All replicas are cut off, and they differ$/);
    await until('all digests differ', async () => new Set(await digests(window)).size === 3);
    for (const place of places) {
      const text = await window.value(place);
      expect(places.filter((each) => text.includes(`${each} alone. `))).toEqual([place]);
    }
    for (const [from, to] of links) {
      expect(await window.link(from, to).isChecked()).toBe(false);
      await until('lag is shown each way', async () => (await lagsOf(window, from, to)).length === 2);
    }
    const early = await lagsOf(window, 'Lisbon', 'Oslo');
    await until('lag has grown by a second and more', async () =>
      (await lagsOf(window, 'Lisbon', 'Oslo')).every((lag, way) => lag > early[way]! + 1),
    );
    await until('who lacks it is said', async () =>
      /^On disk in Oslo; (Lisbon and Nairobi|Nairobi and Lisbon) lack it$/.test(
        await statusOf(window, 'Oslo'),
      ),
    );

    const healedMs = Date.now();
    await window.page.getByRole('button', { name: 'Heal all' }).click();
    await agree(window, [...before, ...places.map((place) => `${place} alone. `)]);
    await until('all digests agree', async () => new Set(await digests(window)).size === 1);
    for (const [from, to] of links) {
      expect(await window.link(from, to).isChecked()).toBe(true);
      await until('nothing waits', async () => (await lagsOf(window, from, to)).length === 0);
    }
    await window.says(verified);
    const { replicas } = await demo.snapshot();
    for (const { says } of replicas) expect(says?.verifiedAtMs).toBeGreaterThan(healedMs);
    for (const place of places) {
      await until('all have it', async () => (await statusOf(window, place)) === 'On the disks of all 3');
    }
    // The moment is shown.
    expect(await window.page.locator('body.has-agreed').count()).toBe(1);
    expect(window.complaints).toEqual([]);
  });

  it('[CLD1] goes around one link that is cut, and cuts one replica off from both sides', async () => {
    const window = await ClusterWindow.open(browser, demo.url);
    await window.says(verified);
    await window.link('Lisbon', 'Oslo').click();
    await until('it is cut', async () => (await factsOf(window, 'Lisbon', 'Oslo')).startsWith('Cut'));
    await window.type('Lisbon', 'around. ');
    await window.follows('Oslo', /around\. $/);

    await window.page.getByRole('button', { name: 'Cut off Nairobi' }).click();
    await window.says(/^All replicas are cut off/);
    await window.page.getByRole('button', { name: 'Reconnect Oslo' }).click();
    await window.says(
      /^The way is free again$|^Changes are on their way$|^The digests agree$|verified equal/,
    );
    expect(await window.link('Nairobi', 'Lisbon').isChecked()).toBe(false);
    await window.type('Nairobi', 'through Oslo. ');
    await window.follows('Lisbon', /through Oslo\. $/);
  });

  it('[CLD1] shows the cursors of people at other replicas, and takes them away when they leave', async () => {
    const [window, other] = [
      await ClusterWindow.open(browser, demo.url),
      await ClusterWindow.open(browser, demo.url),
    ];
    for (const each of [window, other]) await each.type('Oslo', 'here ');
    const fromOslo = async (): Promise<number> =>
      (await window.cursorsIn('Lisbon')).filter((name) => name === 'Oslo').length;
    await until('both are seen', async () => (await fromOslo()) === 2);
    await other.page.close();
    await until('one is left', async () => (await fromOslo()) === 1);
  });

  it('[CLD6] is worked by keyboard alone, in the order in which it is read', async () => {
    const window = await ClusterWindow.open(browser, demo.url, { reducedMotion: 'reduce' });
    await window.says(verified);
    const names: string[] = [];
    for (let index = 0; index < 9; index++) {
      await window.page.keyboard.press('Tab');
      names.push(await window.page.evaluate(() => document.activeElement?.ariaLabel ?? ''));
    }
    expect(names).toEqual([
      'Cut off Lisbon',
      'Text in Lisbon',
      'Link Lisbon – Oslo',
      'Cut off Oslo',
      'Text in Oslo',
      'Link Oslo – Nairobi',
      'Cut off Nairobi',
      'Text in Nairobi',
      'Link Nairobi – Lisbon',
    ]);
    await window.page.keyboard.press('Space');
    await until('it is cut', async () => !(await window.link('Nairobi', 'Lisbon').isChecked()));
    await window.page.keyboard.press('Enter');
    await until('it is whole', async () => window.link('Nairobi', 'Lisbon').isChecked());
    const moves = await window.page
      .locator('.glyph path')
      .first()
      .evaluate((path) => getComputedStyle(path).transitionDuration);
    expect(moves).toBe('0s');
    expect(window.complaints).toEqual([]);
  });

  it('[CLD6] fits a phone', async () => {
    const window = await ClusterWindow.open(browser, demo.url, phone);
    await window.says(verified);
    await window.page.getByRole('button', { name: 'Cut off Oslo' }).tap();
    await window.type('Oslo', 'unbroken'.repeat(30));
    await window.says(/^Oslo is cut off, and the replicas differ$/);
    expect(await window.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    for (const button of await window.page.locator('button:visible').all()) {
      expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    }
  });

  it('[CLD7] takes switches from its own page alone', async () => {
    const body = JSON.stringify({ links: ['lisbon-oslo'], isCut: true });
    const type = 'application/json';
    expect(await demo.send({ body, type: 'text/plain' })).toBe(415);
    expect(await demo.send({ body, type, host: 'attacker.example' })).toBe(403);
    expect(await demo.send({ body: '{"links":["lisbon-paris"],"isCut":true}', type })).toBe(400);
    expect(await demo.send({ body: '{"links":"lisbon-oslo","isCut":true}', type })).toBe(400);
    expect(await demo.send({ body: 'nonsense', type })).toBe(400);
    expect(await demo.send({ body: `${' '.repeat(2_000)}${body}`, type })).toBe(400);
    const { links: all } = await demo.snapshot();
    expect(all.map(({ isCut }) => isCut)).toEqual([false, false, false]);
    expect(await demo.send({ body, type })).toBe(204);
    expect((await demo.snapshot()).links[0]!.isCut).toBe(true);
  });

  it('[CLD5] says what is in use, a port or folders, and ends', async () => {
    using other = temporaryFolder();
    await expect(ClusterDemo.start(other.path, Number(new URL(demo.url).port))).rejects.toThrow(
      /^The port is in use by another process/,
    );
    await expect(ClusterDemo.start(folder.path)).rejects.toThrow(
      /lisbon is in use by another Syncline process/,
    );
  });
});

it('[CLD5] prints one line, and ends everything when it is interrupted', async () => {
  using folder = temporaryFolder();
  const demo = await ClusterDemo.start(folder.path);
  const { replicas } = await demo.snapshot();
  const servers = replicas.map(({ sync }) => sync.replace(/^ws/, 'http').replace(/sync$/, 'livez'));
  for (const server of servers) expect((await fetch(server)).status).toBe(200);
  expect(await demo.end()).toEqual({ code: 0, signal: null });
  expect(demo.printed).toEqual([`Three replicas and a page to watch them: ${demo.url}`]);
  for (const address of [demo.url, ...servers]) await expect(fetch(address)).rejects.toThrow('fetch failed');
  for (const place of places) expect(existsSync(join(folder.path, place.toLowerCase()))).toBe(true);
});

/** All show the same text, made of these parts in any order and of nothing else. */
async function agree(window: ClusterWindow, parts: readonly string[]): Promise<void> {
  const { length } = parts.join('');
  const values = (): Promise<string[]> => Promise.all(places.map((place) => window.value(place)));
  await until('all texts agree', async () => {
    const texts = await values();
    return texts.every(
      (text) => text.length === length && text === texts[0] && parts.every((part) => text.includes(part)),
    );
  }).catch(async (error: unknown) => {
    throw new Error(`they show ${JSON.stringify(await values())}`, { cause: error });
  });
}

function digests(window: ClusterWindow): Promise<string[]> {
  return Promise.all(places.map((place) => window.digest(place)));
}

function statusOf(window: ClusterWindow, place: Place): Promise<string> {
  return window.replica(place).locator('.status-words').innerText();
}

function factsOf(window: ClusterWindow, from: Place, to: Place): Promise<string> {
  return window.linkFacts(from, to).innerText();
}

/** Seconds, of each way on which something waits. */
async function lagsOf(window: ClusterWindow, from: Place, to: Place): Promise<number[]> {
  const facts = await factsOf(window, from, to);
  return [...facts.matchAll(/1 document, ([\d.]+) s/g)].map(([, seconds]) => Number(seconds));
}
