// Two short sounds, only when the setting asks for them; whatever sounds is also seen.

const NOTES = { verified: [660, 880], 'needs-you': [440, 330, 440] } as const
const NOTE_SECONDS = 0.16
const LOUDNESS = 0.15

let context: AudioContext | null = null

export function beep(kind: keyof typeof NOTES): void {
  context ??= new AudioContext()
  const audio = context
  NOTES[kind].forEach((frequency, index) => {
    const tone = new OscillatorNode(audio, { frequency, type: 'sine' })
    tone.connect(new GainNode(audio, { gain: LOUDNESS })).connect(audio.destination)
    tone.start(audio.currentTime + index * NOTE_SECONDS)
    tone.stop(audio.currentTime + (index + 0.8) * NOTE_SECONDS)
  })
}
