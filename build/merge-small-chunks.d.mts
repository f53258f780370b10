export function mergeSmallChunks(dist: string): Promise<void>;
