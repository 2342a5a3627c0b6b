// Whole starts of an appliance under systemd that go wrong in ways which wait for a person, or for nothing: each ends in a
// restart that the boot loader has counted, and three of them on the other slot. And the confirmed slot without its data: it lives
// on, degraded, and says so; its root is read-only but for the listed places.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from '../device/disk.ts'
import { counted, goesWrong, onTrial, strandedAppliance, UP } from './stranded-story.ts'

strandedAppliance()

// Two machines at once: each waits a good part of its time.
describe('starts that go wrong', { concurrency: 2 }, () => {
  test('emergency mode, a job that never ends while the watchdog is fed, and a killed gate each cost a try; then the other slot starts', async (t) => {
    await using story = await onTrial(t, 'one', { B2: 'emergency', B1: 'stuck', B0: 'gate' })
    if (!story) return
    const { vm, disk } = story
    await goesWrong(vm, 2, 'emergency')
    await goesWrong(vm, 1, 'stuck')
    await goesWrong(vm, 0, 'gate')
    await vm.waitFor(/slot B has used up its tries/, UP)
    await vm.waitFor(/booting slot A/, UP)
    await vm.kill()
    assert.equal((await inspect(disk)).slots.B.verdict, 'Bad')
  })

  test('rescue mode, a service manager that crashes, and a release that cannot mount the data partition each cost a try; the confirmed slot lives on without it, degraded', async (t) => {
    await using story = await onTrial(t, 'two', { B2: 'rescue', B1: 'crash', B0: 'var-lib-msp', A: 'var-lib-msp' })
    if (!story) return
    const { vm, disk } = story
    await goesWrong(vm, 2, 'rescue')
    await goesWrong(vm, 1, 'crash')
    await vm.waitFor(counted(0), UP)
    await vm.waitFor(/partition MSP-DATA is not mounted at \/var\/lib\/msp/, UP)
    await vm.waitFor(/booting slot A/, UP)
    await vm.waitFor(/appliance: looked/, UP)
    const said = vm.serial().split('booting slot A')[1]
    assert.match(said, /status: ! Degraded: MSP-DATA is not mounted at \/var\/lib\/msp/)
    assert.match(said, /the deadline is stopped/)
    // The unit itself is no longer among the failed ones: memory stands in where it should be mounted.
    assert.match(said, /Failed to mount .*var-lib-msp\.mount/)
    // The root, while we are here.
    assert.match(said, /wrote to the root: 1/)
    assert.doesNotMatch(said, /cannot write/)
    assert.match(said, /root: squashfs ro,nosuid,nodev/)
    assert.match(said, /disk: \/dev\/vda1 \/dev\/vda2/)
    assert.match(said, /machine-id: 33/)
    await vm.kill()
    const { slots, boot } = await inspect(disk)
    assert.deepEqual([slots.A.verdict, slots.B.verdict, boot.next.slot], ['Good', 'Bad', 'A'])
  })
})
