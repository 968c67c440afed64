import { describe, expect, it } from 'vitest';
import { defaultName, hashOf, nameIn, shareLink, syncUrl, tokenIn } from './address.ts';

describe('the name in the address', () => {
  it.each([
    ['', defaultName],
    ['#', defaultName],
    ['#%20', defaultName],
    ['#notes%2Ftoday', 'notes/today'],
    ['#notes/today', 'notes/today'],
    ['#50%25%20K%C3%A4se', '50% Käse'],
    ['#50%', '50%'],
  ])('is, of %o, %o', (hash, name) => {
    expect(nameIn(hash)).toBe(name);
  });

  it.each(['notes/today', '50 % Käse/Brot?', '#', 'a&b=c', '日本'])('of %o is read back', (name) => {
    expect(nameIn(hashOf(name))).toBe(name);
  });
});

it('[DEM5] the link that is shared names the document and holds no token', () => {
  expect(shareLink('https://example.org/pad/?token=secret#other', 'notes/today')).toBe(
    'https://example.org/pad/#notes%2Ftoday',
  );
});

it.each([
  ['http://127.0.0.1:7070/#a', 'ws://127.0.0.1:7070/sync'],
  ['https://example.org/pad/?token=t#a', 'wss://example.org/pad/sync'],
])('beside the page %s is %s', (page, url) => {
  expect(syncUrl(page)).toBe(url);
});

it.each([
  ['http://127.0.0.1/?token=a%20b', 'a b'],
  ['http://127.0.0.1/', undefined],
])('the token in %s is %o', (page, token) => {
  expect(tokenIn(page)).toBe(token);
});
