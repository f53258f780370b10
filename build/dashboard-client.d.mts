import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vitest/config';

export function bundleDashboardClient(): Promise<{ script: string; style: string; markup: string }>;
export function dashboardClientForEsbuild(): EsbuildPlugin;
export function dashboardClientForVite(): VitePlugin;
