// One plan as people judge it: who it is about, what will be erased and what will be kept side by side, its number.
// The sentences are the plan's own (English), the same that the host hashes and the command line prints.
import type { PlanConfig, PlanView } from '#contract/views.ts'
import { Bytes, Code, Disclosure, DiskStrip, Facts, Icon, ProblemList } from '#renderer/components/index.ts'
import { useStation } from '#renderer/store/station.ts'
import { erasedLine, keptLine, stepLine, titleLine } from '#renderer/text/sentences.ts'
import type { Translate } from '#renderer/text/translate.ts'
import { useText, useTexts } from '#renderer/text/use-text.tsx'
import { contentOf } from '../bench/bench-rules.ts'
import './confirm.css'

/** So many characters of a plan's number are shown; the host compares all. */
const SHOWN_ID = 16

export interface PlanCardProps {
  readonly plan: PlanView
  /** Before and after, steps; left out where the person has just seen them. */
  readonly detailed?: boolean
}

export function PlanCard({ plan, detailed }: PlanCardProps) {
  const speech = useTexts()
  const { t } = speech
  const provisions = plan.title.job.kind === 'provision'
  const halfWritten = useStation(({ bench }) =>
    bench.units.some((unit) => unit.token === plan.unit && contentOf(unit) === 'half-written'),
  )
  return (
    <section className="plan-card">
      <h3>{titleLine(plan.title, speech)}</h3>
      {provisions && plan.erased.length > 0 && (
        <p className="plan-lost">
          <Icon name="needs-you" />
          <strong>{t('plan.allLost')}</strong>
        </p>
      )}
      <PlanFacts plan={plan} />
      <div className="plan-columns">
        <Sentences
          tone="erased"
          title={t('plan.erased')}
          none={t(plan.before.length > 0 ? 'plan.erasedNone' : halfWritten ? 'plan.erasedHalf' : 'plan.erasedBlank')}
          sentences={plan.erased.map((text) => erasedLine(text, speech))}
        />
        <Sentences
          tone="kept"
          title={t('plan.kept')}
          none={t('plan.keptNone')}
          sentences={plan.kept.map((text) => keptLine(text, speech))}
        />
      </div>
      {detailed && (
        <div className="plan-disks">
          <DiskStrip title={t('disk.before')} partitions={plan.before} size={plan.diskSize} />
          <DiskStrip title={t('disk.after')} partitions={plan.after} size={plan.diskSize} />
        </div>
      )}
      <ProblemList problems={plan.warnings} tone="warning" />
      <footer className="plan-foot">
        <span>
          {t('plan.number')} <Code>{plan.plan.slice(0, SHOWN_ID)}</Code>
        </span>
        {plan.bytes > 0 && (
          <span>
            {t('plan.bytes')} <Bytes value={plan.bytes} />
          </span>
        )}
      </footer>
      {detailed && (
        <Disclosure title={t('plan.steps', { count: plan.steps.length })}>
          <ol className="plan-steps">
            {plan.steps.map((step, index) => (
              <li key={index}>{stepLine(step, speech)}</li>
            ))}
          </ol>
        </Disclosure>
      )}
    </section>
  )
}

/** What goes onto the disk, by name and source: the image, what it is for, and whose config. */
function PlanFacts({ plan: { image, config, title } }: { readonly plan: PlanView }) {
  const t = useText()
  const rows: (readonly [string, string])[] = []
  if (image) {
    const { name, product, version, hardware } = image
    rows.push([
      t('plan.image'),
      product === null && version === null
        ? t('plan.imageUnnamed', { name })
        : t('plan.imageText', { name, product: product ?? '–', version: version ?? '–' }),
    ])
    const any = hardware === null ? t('plan.hardwareUnknown') : t('plan.hardwareAny')
    rows.push([t('plan.hardware'), hardware && hardware.length > 0 ? hardware.join(', ') : any])
  }
  if (config) rows.push([t('plan.config'), configText(config, t)])
  else if (title.job.kind === 'provision') rows.push([t('plan.config'), t('plan.noConfig')])
  if (rows.length === 0) return null
  return <Facts rows={rows.map(([label, value]) => [label, <bdi key={label}>{value}</bdi>] as const)} />
}

function configText({ from, unit, files }: PlanConfig, t: Translate): string {
  if (files === null) return t('plan.configBefore')
  return t('plan.configFrom', { from: unit === null ? (from ?? '') : t('plan.configUnit', { unit }), count: files })
}

interface SentencesProps {
  readonly tone: 'erased' | 'kept'
  readonly title: string
  readonly none: string
  readonly sentences: readonly string[]
}

function Sentences({ tone, title, none, sentences }: SentencesProps) {
  return (
    <div className={`plan-column ${sentences.length === 0 ? 'plan-none' : `plan-${tone}`}`}>
      <h4>
        <Icon name={tone === 'erased' ? 'failed' : 'lock'} />
        {title}
      </h4>
      {sentences.length === 0 ? (
        <p className="quiet">{none}</p>
      ) : (
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
