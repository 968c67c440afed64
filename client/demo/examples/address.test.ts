import { expect, it } from 'vitest';
import { exampleIn, serverOf } from './address.ts';

it.each([
  ['http://127.0.0.1:7070/examples/todo#a', 'ws://127.0.0.1:7070'],
  ['https://app.example/examples/todo?token=x', 'wss://app.example'],
  ['https://app.example/below/a/path/examples/todo', 'wss://app.example/below/a/path'],
])('[EXA1] the page %s is of the server %s', (page, server) => {
  expect(serverOf(page)).toBe(server);
  expect(exampleIn(page)).toBe('todo');
});
