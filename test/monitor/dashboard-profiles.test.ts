import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HotpathError } from '../../src/core/errors.js';
import { DashboardWorld, send, sendRaw, statusOf } from './dashboard-world.js';

const FILE = 'cpu-1700005800000.cpuprofile';

let world: DashboardWorld;
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(() => world.close());

describe('a profile to download', () => {
  const read = (): ReturnType<typeof vi.fn<(file: string) => Promise<Buffer | undefined>>> =>
    vi.fn(async (file: string) => Buffer.from(`{"of":"${file}"}`));

  it('is an attachment of its name', async () => {
    const { port } = await world.mounted({ readProfile: read() });
    const reply = await send(port, `/profiles/${FILE}`);
    expect(reply).toMatchObject({ status: 200, body: `{"of":"${FILE}"}` });
    expect(reply.headers['content-disposition']).toBe(`attachment; filename="${FILE}"`);
  });

  it.each([
    ...['../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '..%252f..%252fetc%252fpasswd'],
    ...[
      '..\\..\\etc\\passwd',
      '..%5c..%5cetc%5cpasswd',
      '....//etc/passwd',
      '/etc/passwd',
      '%00',
      `${FILE}%00`,
      `${FILE}%00.txt`,
    ],
    ...[
      `./${FILE}`,
      `${FILE}/`,
      `x/../${FILE}`,
      `${FILE}/../${FILE}`,
      `%63pu-1700005800000.cpuprofile`,
      '.',
      '..',
      '.hidden',
    ],
    ...[
      'unlisted.cpuprofile',
      '__proto__',
      'constructor',
      `${FILE}%20`,
      `${FILE};`,
      'a'.repeat(5_000),
      '%c0%ae%c0%ae/',
      '\u0085',
    ],
  ])('is not there as %j', async (name) => {
    const readProfile = read();
    // As it would be if the monitor itself listed such names.
    world.reader.profileList.push({ ...world.reader.profileList[0]!, file: '../../etc/passwd' });
    world.reader.profileList.push({ ...world.reader.profileList[0]!, file: '..' });
    const { port } = await world.mounted({ readProfile });
    const raw = Buffer.from(name).toString('latin1');
    const reply = await sendRaw(port, `GET /profiles/${raw} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect([400, 404]).toContain(statusOf(reply));
    expect(readProfile).not.toHaveBeenCalled();
  });

  it('is not there without a way to read it, nor when it has been deleted', async () => {
    const without = await world.mounted();
    expect((await send(without.port, `/profiles/${FILE}`)).status).toBe(404);
    const deleted = await world.mounted({ readProfile: async () => undefined });
    expect((await send(deleted.port, `/profiles/${FILE}`)).status).toBe(404);
  });
});

describe('a profile to start', () => {
  const JSON_TYPE = { 'Content-Type': 'application/json' };
  const wish = (body: unknown, headers: Record<string, string> = {}): Parameters<typeof send>[2] => ({
    ...{ method: 'POST', headers: { ...JSON_TYPE, ...headers } },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

  it('is taken as asked, and answered with its file', async () => {
    const profile = vi.fn(async () => ({ file: FILE, path: '/secret/place' }));
    const { port } = await world.mounted({ profile });
    const reply = await send(port, '/profile', wish({ duration: '3s', kind: 'heap' }));
    expect(reply).toMatchObject({ status: 200, body: JSON.stringify({ file: FILE }) });
    expect(profile).toHaveBeenLastCalledWith(3_000, 'heap');
    await send(port, '/profile', wish({}));
    expect(profile).toHaveBeenLastCalledWith(10_000, 'cpu');
  });

  it('is refused with 409 and the reason while another one runs', async () => {
    const { port } = await world.mounted({
      profile: async () => Promise.reject(new HotpathError('one runs already', { code: 'BUSY' })),
    });
    expect(await send(port, '/profile', wish({}))).toMatchObject({ status: 409, body: 'one runs already\n' });
  });

  it.each([
    ['a duration that is none', { duration: 'soon' }, 400],
    ['one over a minute', { duration: '61s' }, 400],
    ['one of nothing', { duration: 0 }, 400],
    ['an unknown kind', { kind: 'core' }, 400],
    ['no object', 'null', 400],
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['more than 1 kB', { duration: '1s', more: 'x'.repeat(2_000) }, 413],
  ])('is not started by %s', async (_what, body, status) => {
    const profile = vi.fn(async () => ({}));
    const { port } = await world.mounted({ profile });
    expect((await send(port, '/profile', wish(body))).status).toBe(status);
    expect(profile).not.toHaveBeenCalled();
  });

  it.each([
    ['a form of any site', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text, which needs no preflight', { 'Content-Type': 'text/plain' }, 415],
    ['text that only begins like JSON', { 'Content-Type': 'application/json-patch' }, 415],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another port or subdomain', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a typed address', { 'Sec-Fetch-Site': 'none' }, 403],
    ['an older browser on another site', { Origin: 'https://evil.example' }, 403],
    ['an older browser on another port', { Origin: 'http://localhost:1' }, 403],
    ['a sandboxed frame', { Origin: 'null' }, 403],
  ])('is not started by %s', async (_what, headers, status) => {
    const profile = vi.fn(async () => ({}));
    const { port } = await world.mounted({ profile });
    expect((await send(port, '/profile', wish({}, headers as Record<string, string>))).status).toBe(status);
    expect(profile).not.toHaveBeenCalled();
  });

  it('is started by the page itself, in browsers of any age', async () => {
    const profile = vi.fn(async () => ({}));
    const { port } = await world.mounted({ profile });
    expect((await send(port, '/profile', wish({}, { 'Sec-Fetch-Site': 'same-origin' }))).status).toBe(200);
    expect((await send(port, '/profile', wish({}, { Origin: `http://127.0.0.1:${port}` }))).status).toBe(200);
  });

  it('is not there without a way to take it', async () => {
    const { port } = await world.mounted();
    expect((await send(port, '/profile', wish({}))).status).toBe(404);
  });
});
