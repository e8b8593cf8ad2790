using OrleansBatch.Simulation.Properties;

namespace OrleansBatch.Simulation;

/// <summary>What holds in every sequence of commands, messages lost and doubled, crashes and time: watched at every effect, or when all has come to rest.</summary>
public sealed class SchedulerPropertyTests(SequenceFixture sequences)
{
    [Fact]
    public void A_job_only_moves_as_its_life_cycle_allows() => sequences.Check(Property.OnlyLegalMoves);

    [Fact]
    public void What_has_succeeded_or_failed_never_changes() => sequences.Check(Property.FinishedIsFinal);

    [Fact]
    public void A_job_never_has_two_live_processes() => sequences.Check(Property.OneLiveProcess);

    [Fact]
    public void An_attempt_is_stored_before_its_process_starts() => sequences.Check(Property.StoredBeforeItStarts);

    [Fact]
    public void A_job_is_started_no_more_often_than_its_attempts_allow() => sequences.Check(Property.NoMoreStartsThanAttempts);

    [Fact]
    public void Nothing_starts_after_an_acknowledged_cancel_or_terminate() => sequences.Check(Property.NoStartAfterAcknowledgedEnd);

    [Fact]
    public void A_terminated_job_fails_with_its_callers_reason() => sequences.Check(Property.TerminatedFails);

    [Fact]
    public void What_is_to_be_stopped_does_not_run_on() => sequences.Check(Property.StoppedIsStopped);

    [Fact]
    public void What_was_lost_with_a_machine_is_told_until_its_job_has_heard_it() => sequences.Check(Property.LossesAreTold);

    [Fact]
    public void Capacity_is_never_oversubscribed() => sequences.Check(Property.CapacityHolds);

    [Fact]
    public void No_more_of_a_consumable_resource_is_in_use_or_used_up_than_there_is() => sequences.Check(Property.ConsumablesHold);

    [Fact]
    public void What_is_taken_of_a_consumable_resource_is_what_attempts_have_claimed_and_what_their_jobs_need() => sequences.Check(Property.ConsumablesAreExact);

    [Fact]
    public void At_rest_nothing_is_held_of_a_consumable_resource() => sequences.Check(Property.ConsumablesComeBack);

    [Fact]
    public void At_rest_an_environment_holds_what_its_jobs_hold() => sequences.Check(Property.LedgerIsExact);

    [Fact]
    public void A_dependent_never_starts_early() => sequences.Check(Property.NeverEarly);

    [Fact]
    public void A_dependent_fails_only_when_what_it_waits_for_has_failed() => sequences.Check(Property.FailsOnlyForAFailedDependency);

    [Fact]
    public void At_rest_nothing_is_left_that_could_move() => sequences.Check(Property.NothingIsStuck);

    [Fact]
    public void Everything_comes_to_rest() => sequences.Check(Property.ComesToRest);

    [Fact]
    public void An_arrays_counts_are_the_counts_of_its_children() => sequences.Check(Property.CountsAreExact);

    [Fact]
    public void An_array_ends_no_sooner_than_its_last_child() => sequences.Check(Property.ParentEndsLast);

    [Fact]
    public void An_array_ends_with_the_right_status_and_reason() => sequences.Check(Property.ParentSaysWhy);

    [Fact]
    public void No_job_is_taken_out_of_the_line_before_an_earlier_one() => sequences.Check(Property.FirstInFirstOut);

    [Fact]
    public void An_acknowledged_submission_is_there_once_and_for_good() => sequences.Check(Property.AcknowledgedIsKept);

    [Fact]
    public Task The_same_sequence_always_runs_the_same_way() => Task.Run(() =>
    {
        for (var number = 0u; number < 100; number++)
        {
            var sequence = Sequences.Of(7, number);

            Assert.Equal(Trace(sequence), Trace(sequence));
        }
    });

    private static (int Turns, string Rows) Trace(Sequence sequence)
    {
        var world = new World(sequence.Setup, PlantedBug.None);
        foreach (var command in sequence.Commands)
        {
            world.Do(command);
        }

        return (world.Turns.Taken, string.Join('\n', world.Store.Leaves.Select(job => $"{job.JobId} {job.Version} {job.State.Status}")));
    }
}
