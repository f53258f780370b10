import type { DashboardSnapshot, ProfileView } from '../snapshot.js';
import { element } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { bytes, duration, share, span } from './figures.js';
import { KeyedList, type Row } from './keyed-list.js';
import { dayAndTime } from './moments.js';
import type { Panel } from './panel.js';
import { profileStarter } from './profile-starter.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { type Column, table, tableRow } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'Function', kind: 'wide' },
  { title: 'Self', kind: 'figure' },
  { title: 'Share', kind: 'figure' },
];

/** The profiles on disk with their hottest functions, to be downloaded, and buttons that take one, where the server lets them. */
export function profilesPanel(start: HTMLElement, body: HTMLElement): Panel {
  const list = element('ul', { class: 'profiles' });
  let canDownload = false;
  const profiles = new KeyedList<ProfileView>(
    list,
    ({ file }) => file,
    (profile) => profileItem(profile, () => canDownload),
  );
  const empty = emptyState('No profile has been taken.', SUGGESTED_CALLS.profile);
  const starter = profileStarter();
  start.append(starter.buttons);
  body.append(starter.status, list, empty);
  let unfolded: HTMLElement | null = null;
  return {
    show: (snapshot: DashboardSnapshot) => {
      canDownload = snapshot.can.download;
      starter.buttons.hidden = !snapshot.can.profile;
      profiles.show(snapshot.profiles);
      // The newest lies open, once: what the viewer folds stays folded.
      const newest = list.querySelector('details');
      if (newest && newest !== unfolded) newest.open = true;
      unfolded = newest;
      showOrEmpty(list, empty, snapshot.profiles.length === 0);
    },
  };
}

function profileItem(profile: ProfileView, canDownload: () => boolean): Row<ProfileView> {
  const { file, kind, startedAt, ms, bytes: size, reason, top } = profile;
  const link = element(
    'a',
    { href: `profiles/${encodeURIComponent(file)}`, download: file },
    'Download',
    element('span', { class: 'unseen' }, ` ${file}`),
  );
  const title = element(
    'summary',
    { class: 'profile-title' },
    element('span', { class: 'tag' }, kind === 'cpu' ? 'CPU' : 'heap'),
    element('strong', {}, reason),
    element('span', { class: 'note' }, `${dayAndTime(startedAt)} · ${span(ms)} · ${bytes(size)}`),
  );
  const item = element('li', {}, element('details', {}, title, topTable(profile)), link);
  return {
    element: item,
    update: () => {
      link.hidden = !canDownload();
    },
  };

  function topTable(of: ProfileView): HTMLElement {
    if (top.length === 0) return element('p', { class: 'note' }, 'Nothing was sampled.');
    const { element: made, body } = table(`Functions by self ${of.kind === 'cpu' ? 'time' : 'size'}`, COLUMNS);
    for (const { name, location, self, share: part } of top) {
      const row = tableRow(
        COLUMNS,
        element('span', { class: 'function' }, element('code', {}, name), element('span', { class: 'note' }, location)),
      );
      row.show([of.kind === 'cpu' ? duration(self) : bytes(self), share(part)]);
      body.append(row.element);
    }
    return made;
  }
}
