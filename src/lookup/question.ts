export const QUESTION_TYPES = ['A', 'AAAA', 'SRV', 'TXT', 'NS', 'SOA', 'PTR', 'CNAME', 'MX'] as const;
export type QuestionType = (typeof QUESTION_TYPES)[number];

/** What is asked. */
export interface Question {
  /** Without a dot at its end. */
  readonly name: string;
  readonly type: QuestionType;
}
