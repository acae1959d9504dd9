// What the job asserts with. The first difference ends the run: the steps build on one another.

import { deepStrictEqual } from "node:assert";
import { createHash } from "node:crypto";
import type { components } from "./generated/api.js";

export type Problem = components["schemas"]["Problem"];

interface Reply<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

const place = (response: Response) => new URL(response.url).pathname;

/** The answer of a request that must go well, with exactly this status. */
export function good<Data>(status: number, reply: Reply<Data>): NonNullable<Data> {
  const { data, error, response } = reply;
  if (response.status !== status || data === undefined || data === null) {
    throw new Error(`${place(response)}: ${response.status} instead of ${status}: ${JSON.stringify(error ?? data)}`);
  }
  return data;
}

/** A request that must go well and has nothing to tell. */
export function silent(reply: Reply<unknown>): void {
  const { data, error, response } = reply;
  if (response.status !== 204) {
    throw new Error(`${place(response)}: ${response.status} instead of 204: ${JSON.stringify(error ?? data)}`);
  }
}

/** The problem of a request that must be refused, with exactly this status and code. */
export function refused(status: number, code: string, reply: { error?: Problem; response: Response }): Problem {
  const { error, response } = reply;
  if (response.status !== status || error?.code !== code) {
    const told = JSON.stringify(error ?? "no problem at all");
    throw new Error(`${place(response)}: ${response.status} instead of ${status} ${code}: ${told}`);
  }
  same(error.status, status, `${code}: the status in the body`);
  const kind = response.headers.get("content-type")?.split(";")[0];
  same(kind, "application/problem+json", `${code}: the media type`);
  for (const member of ["type", "title", "detail", "trace_id"] as const) {
    truth(error[member].length > 0, `${code}: ${member} says something`);
  }
  return error;
}

/** Two values must be the same, all the way down. */
export function same<T>(found: T, promised: T, what: string): void {
  deepStrictEqual(found, promised, `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(promised)}`);
}

export function truth(fact: boolean, what: string): asserts fact {
  if (!fact) throw new Error(`not so: ${what}`);
}

/** A value that must be there. */
export function there<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`missing: ${what}`);
  return value;
}

/** A document that must be a PDF. */
export function pdf(bytes: ArrayBuffer, what: string): Buffer {
  const document = Buffer.from(bytes);
  same(document.subarray(0, 5).toString("latin1"), "%PDF-", `the beginning of ${what}`);
  return document;
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
