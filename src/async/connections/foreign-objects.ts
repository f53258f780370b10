import type { UndiciModule } from './undici-module.js';

/**
 * What callers have are the `Request` and `FormData` of Node.js, which the package undici does not know as its own: it would
 * take the one for the URL `[object Request]`, and send the other as a text. A `Request` is read into memory, since its length
 * would be lost otherwise.
 */
export async function translated(
  undici: UndiciModule,
  input: unknown,
  init: RequestInit | undefined,
): Promise<{ input: unknown; init: object }> {
  if (isForeignRequest(undici, input)) {
    return { input: input.url, init: withBody(undici, { ...(await fieldsOf(input)), ...init }) };
  }
  return { input, init: withBody(undici, init ?? {}) };
}

function isForeignRequest(undici: UndiciModule, input: unknown): input is Request {
  if (typeof input !== 'object' || input === null || input instanceof URL || input instanceof undici.Request) {
    return false;
  }
  return typeof (input as Request).url === 'string' && typeof (input as Request).arrayBuffer === 'function';
}

async function fieldsOf(request: Request): Promise<RequestInit> {
  const { method, headers, redirect, signal, integrity, keepalive } = request;
  const fields: RequestInit = { method, headers, redirect, signal, integrity, keepalive };
  if (request.body === null) return fields;
  return { ...fields, body: await request.arrayBuffer() };
}

function withBody(undici: UndiciModule, init: object): object {
  const { body } = init as { body?: unknown };
  if (!(body instanceof FormData) || body instanceof undici.FormData) return init;
  const form = new undici.FormData();
  for (const [name, value] of body.entries()) form.append(name, value);
  return { ...init, body: form };
}
