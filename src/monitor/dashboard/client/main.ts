import type { DashboardSnapshot } from '../snapshot.js';
import { alertsPanel } from './alerts-panel.js';
import { attachedPanel } from './attached-panel.js';
import { cachesPanel } from './caches-panel.js';
import { Choices } from './choices.js';
import { Connection } from './connection.js';
import { byId } from './element.js';
import { Header } from './header.js';
import { latencyPanel } from './latency-panel.js';
import { memoryPanel } from './memory-panel.js';
import type { Panel } from './panel.js';
import { processPanel } from './process-panel.js';
import { profilesPanel } from './profiles-panel.js';
import { queuePanel } from './queue-panel.js';
import { seriesPanel } from './series-panel.js';
import { slowestPanel } from './slowest-panel.js';
import { StageColours } from './stage-colours.js';
import { stagesPanel } from './stages-panel.js';
import { targetsPanel } from './targets-panel.js';
import { Theme } from './theme.js';
import { throughputPanel } from './throughput-panel.js';
import { troublesPanel } from './troubles-panel.js';

start();

function start(): void {
  const colours = new StageColours();
  let last: DashboardSnapshot | undefined;
  const choices: Choices = new Choices((isServers) => {
    if (isServers) connection.open(choices.query);
    if (last) show(last);
  });
  const header = new Header(choices);
  new Theme(byId<HTMLButtonElement>('theme'));
  const panels: readonly Panel[] = [
    targetsPanel(byId('lights')),
    alertsPanel(byId('alerts'), byId('alerts-summary'), byId('alerts-body')),
    latencyPanel(
      { title: byId('latency-title'), select: byId<HTMLSelectElement>('metric'), body: byId('latency-body') },
      choices,
    ),
    throughputPanel(byId('throughput-aside'), byId('throughput-body')),
    stagesPanel(byId('stages-aside'), byId('stages-body'), colours),
    slowestPanel(byId('slowest-aside'), byId('slowest-body'), colours),
    processPanel(byId('process-aside'), byId('process-body')),
    memoryPanel(byId('memory-aside'), byId('memory-body')),
    queuePanel(byId('queue-body')),
    cachesPanel(byId('caches-body')),
    attachedPanel(byId('attached'), byId('attached-body')),
    seriesPanel(byId('series-body'), byId<HTMLInputElement>('search'), choices, ({ name }, isShown) => {
      choices.chart(name, isShown);
      byId('latency').scrollIntoView({ block: 'nearest' });
    }),
    profilesPanel(byId('profiles-start'), byId('profiles-body')),
    troublesPanel(byId('troubles')),
  ];
  let isDue = false;
  const draw = (): void => {
    isDue = false;
    if (last) for (const panel of panels) panel.show(last);
  };
  /** A page in the background is drawn when somebody looks at it again; its title tells of alerts all the same. */
  const show = (snapshot: DashboardSnapshot): void => {
    last = snapshot;
    header.show(snapshot);
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  };
  const connection = new Connection({ onSnapshot: show, onState: (state) => header.connection(state) });
  connection.open(choices.query);
}
