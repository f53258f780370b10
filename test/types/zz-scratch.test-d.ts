import Keyv6 from 'keyv-6';
import type { KeyvLike } from '../../src/cache/index.js';
const a: KeyvLike = new Keyv6();
export default a;
