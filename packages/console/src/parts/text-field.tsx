import { TextInput } from '@mantine/core';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: 'text' | 'date' | 'datetime-local' | 'number';
  readonly hint?: string;
  readonly optional?: boolean;
}

/** A field of a form that holds its own text. */
export function TextField({ label, value, set, type = 'text', hint, optional = false }: TextFieldProps) {
  return (
    <TextInput
      label={label}
      type={type}
      required={!optional}
      value={value}
      maxLength={500}
      onChange={(event) => set(event.currentTarget.value)}
      {...(hint === undefined ? {} : { description: hint })}
    />
  );
}
