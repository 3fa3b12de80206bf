import { expect, it } from 'vitest';
import { checkTillSettings, isBaseAddress, TillSettings } from './till-settings.js';

const fit = Object.assign(new TillSettings(), {
  addresses: ['https://tills.example.org:8443', 'https://[::1]:8443'],
  verificationUrl: 'https://check.example.org',
});

it('takes defaults for all but the addresses', () => {
  expect(checkTillSettings(fit)).toEqual([]);
  expect(checkTillSettings(new TillSettings()).map(({ setting }) => setting)).toEqual(['addresses', 'verificationUrl']);
});

it.each([
  ['threshold', 0],
  ['threshold', 501],
  ['threshold', 1.5],
  ['deadlineMs', 99],
  ['offlineHoursMax', -1],
  ['offlineSalesMax', 2 ** 53],
  ['offlineAtLimit', 'sell'],
  ['suspendedMaySell', 'yes'],
  ['addresses', ['http://tills.example.org']],
  ['addresses', ['https://a', 'https://a']],
  ['timeZone', 'Mars/Olympus'],
  ['timeZone', '+03:00'],
])('refuses %s = %j, naming the rule but not the value', (setting, value) => {
  const faults = checkTillSettings(Object.assign(new TillSettings(), fit, { [setting]: value }));
  expect(faults).toEqual([{ setting, rule: expect.stringMatching(/^must /) as string }]);
});

it('takes time zones of premises beside that of all the others, and only such as are known', () => {
  const faultsOf = (zones: Partial<TillSettings>) =>
    checkTillSettings(Object.assign(new TillSettings(), fit, zones)).map(({ setting }) => setting);
  const azores = { 'premises-1': 'Atlantic/Azores' };
  expect(faultsOf({ timeZone: 'Europe/Lisbon', premisesTimeZones: azores })).toEqual([]);
  expect(faultsOf({ premisesTimeZones: azores })).toEqual(['premisesTimeZones']);
  expect(faultsOf({ timeZone: 'Europe/Lisbon', premisesTimeZones: { 'premises-1': 'Azores' } })).toEqual([
    'premisesTimeZones',
  ]);
});

it.each(['https://a/', 'https://a/path', 'https://user@a', 'https://a:99999', 'https://', 'a', 'https://a b'])(
  'does not take %s for a base address',
  (text) => {
    expect(isBaseAddress(text)).toBe(false);
  },
);
