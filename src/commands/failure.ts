import { SettingsError } from '../configuration/settings-error.js';
import { KeyFilesError } from '../keys/key-files-error.js';
import type { NotDone } from './outcome.js';

/** Turns what a command threw into what a person can act on. Never a stack trace, never a secret. */
export function failureOf(error: unknown): NotDone {
  if (error instanceof SettingsError) return { done: false, kind: 'usage', message: error.message };
  if (error instanceof KeyFilesError) return { done: false, kind: 'refused', message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return {
    done: false,
    kind: 'failed',
    message: `failed unexpectedly: ${message}. Please report it with the command line.`,
  };
}
