// An invalidation meets a load that is under way: is what was loaded before it served after it?

import { publish } from './publish.js';
import { type RaceRecipe, WAYS } from './race/contestant.js';
import { ourRecipe } from './race/ours.js';
import { peerRecipes } from './race/peers.js';
import { type RaceOutcome, runRace } from './race/run-race.js';
import { loadSubject } from './subject.js';

const SAYS: Readonly<Record<RaceOutcome['later'], string>> = {
  fresh: 'fresh',
  stale: '**stale**',
  'no such call': '-',
};

await publish(async () => {
  const subject = await loadSubject();
  const recipes = [
    ...(['early', 'late'] as const).flatMap((tags) =>
      (['lru', 'cost'] as const).map((policy) => ourRecipe(subject, tags, policy)),
    ),
    ...peerRecipes(subject.packages),
  ];
  const rows: Record<string, string>[] = [];
  let staleOurs = 0;
  for (const recipe of recipes) {
    const { cells, stale } = await raceAll(recipe);
    const version = recipe.package === 'hotpath' ? subject.version : subject.packages.version(recipe.package);
    if (recipe.package === 'hotpath') staleOurs += stale;
    rows.push({ contestant: recipe.name, version, ...cells });
  }
  return {
    title: 'An invalidation that meets a load',
    about:
      'A load starts and reads `old`; the source becomes `new`; the host invalidates (or sets `new`); the load ends; somebody reads ' +
      'again. **stale**: that read got `old`, from memory, and so would every other until the ttl ends. `-`: the library has no such ' +
      'call. `(caller fails)`: the caller whose load was under way got an error instead of a value.',
    rows,
    figures: { staleOurs },
  };
});

async function raceAll(recipe: RaceRecipe): Promise<{ cells: Record<string, string>; stale: number }> {
  const cells: Record<string, string> = {};
  let stale = 0;
  for (const way of WAYS) {
    const { later, caller } = await runRace(recipe, way);
    cells[way] = SAYS[later] + (caller === 'error' ? ' (caller fails)' : '');
    if (later === 'stale') stale++;
  }
  return { cells, stale };
}
