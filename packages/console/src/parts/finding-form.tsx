import { useState } from 'react';
import { Radio, Stack, Textarea } from '@mantine/core';
import { useLanguage } from '../i18n/language.js';
import { ActionForm } from './action-form.js';
import { Field } from './field-faults.js';

interface FindingFormProps<Choice extends string> {
  readonly title: string;
  /** Of the choices. */
  readonly label: string;
  readonly choices: readonly { readonly value: Choice; readonly label: string }[];
  readonly present: Choice;
  /** What was noted before; null at the first time. */
  readonly note: string | null;
  readonly submit: (choice: Choice, note: string) => Promise<unknown>;
  readonly close: () => void;
}

/** What came of looking at something: a choice, and a note for whoever looks next. */
export function FindingForm<Choice extends string>(props: FindingFormProps<Choice>) {
  const { title, label, choices, present, submit, close } = props;
  const { t } = useLanguage();
  const [choice, setChoice] = useState<Choice>(present);
  const [note, setNote] = useState(props.note ?? '');
  return (
    <ActionForm title={title} opened close={close} submit={() => submit(choice, note)}>
      <Radio.Group label={label} value={choice} onChange={(next) => setChoice(next)}>
        <Stack gap="xs" mt={4}>
          {choices.map((one) => (
            <Radio key={one.value} value={one.value} label={one.label} />
          ))}
        </Stack>
      </Radio.Group>
      <Field member="note">
        {(error) => (
          <Textarea
            label={t('form.note')}
            required
            error={error}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
      </Field>
    </ActionForm>
  );
}
