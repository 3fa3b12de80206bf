import type { FormEvent, ReactNode } from 'react';
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLanguage } from '../i18n/language.js';
import { FieldFaults } from './field-faults.js';
import { ProblemNotice } from './problem-notice.js';

interface ActionFormProps<Result> {
  readonly title: string;
  readonly opened: boolean;
  readonly close: () => void;
  readonly submit: () => Promise<Result>;
  readonly done?: (result: Result) => void;
  readonly submitText?: string;
  readonly dangerous?: boolean;
  readonly children: ReactNode;
}

/** A form in a window of its own. What it changed is asked for anew everywhere. */
export function ActionForm<Result>(props: ActionFormProps<Result>) {
  const { title, opened, close, submit, done, submitText, dangerous = false, children } = props;
  const { t } = useLanguage();
  const client = useQueryClient();
  const action = useMutation({
    mutationFn: submit,
    onSuccess: async (result) => {
      close();
      done?.(result);
      await client.invalidateQueries();
    },
  });
  const leave = () => {
    action.reset();
    close();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    action.mutate();
  };
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={title}
      closeButtonProps={{ 'aria-label': t('form.close') }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={onSubmit}>
        <Stack gap="sm">
          <FieldFaults error={action.error}>{children}</FieldFaults>
          {action.isError && <ProblemNotice error={action.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={leave}>
              {t('form.cancel')}
            </Button>
            <Button type="submit" loading={action.isPending} {...(dangerous ? { color: 'red' } : {})}>
              {submitText ?? t('form.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ActionButtonProps {
  readonly text: string;
  /** Says of what, where a row's button alone does not. */
  readonly label?: string;
  readonly act: () => Promise<unknown>;
  readonly dangerous?: boolean;
}

/** A button that does one thing at once, and says why if it did not. */
export function ActionButton({ text, label, act, dangerous = false }: ActionButtonProps) {
  const client = useQueryClient();
  const action = useMutation({ mutationFn: act, onSuccess: () => client.invalidateQueries() });
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        className={dangerous ? 'bad' : ''}
        aria-label={label ?? text}
        loading={action.isPending}
        onClick={() => action.mutate()}
      >
        {text}
      </Button>
      {action.isError && <ProblemNotice error={action.error} />}
    </>
  );
}
