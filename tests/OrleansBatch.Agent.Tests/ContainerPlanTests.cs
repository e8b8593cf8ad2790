using OrleansBatch.Processes.Wire;
using OrleansBatch.Supervisor;

namespace OrleansBatch.Agent.Tests;

public sealed class ContainerPlanTests
{
    /// <summary>
    /// Containers, one word each: <c>!</c> essential, name, what it waits for (<c>&lt;</c> start, <c>?</c> complete, <c>=</c> success of another),
    /// then where it is: <c>.</c> waits, <c>~</c> on its way, <c>+</c> up, <c>*</c> up and late, a number its exit code, <c>x</c> never started.
    /// And what is to be done: starts, then in brackets who is given up, then the verdict.
    /// </summary>
    [Theory]
    [InlineData("!a.", "a")]
    [InlineData("!a. !b. c.", "a b c")]
    [InlineData("!a~ !b+", "")]
    // Start: as soon as the other is up, or was.
    [InlineData("!a. !b<a.", "a")]
    [InlineData("!a~ !b<a.", "")]
    [InlineData("!a+ !b<a.", "b")]
    [InlineData("a0 !b<a.", "b")]
    [InlineData("a7 !b<a.", "b")]
    // Complete: once the other is over, however.
    [InlineData("a+ !b?a.", "")]
    [InlineData("a0 !b?a.", "b")]
    [InlineData("a7 !b?a.", "b")]
    // Success: only with 0.
    [InlineData("a+ !b=a.", "")]
    [InlineData("a0 !b=a.", "b")]
    [InlineData("a7 !b=a.", "[b] fails with b: dependency a did not succeed")]
    [InlineData("a7 b=a. !c+", "[b]")]
    // All of several.
    [InlineData("a0 b+ !c=a?b.", "")]
    [InlineData("a0 b1 !c=a?b.", "c")]
    // What was never started cannot be waited for, nor can who waits for that.
    [InlineData("ax !b<a.", "[b] fails with b: dependency a was not started")]
    [InlineData("ax !b?a.", "[b] fails with b: dependency a was not started")]
    [InlineData("ax b=a. c<b. !d.", "d [b c]")]
    [InlineData("ax b=a. !c?b.", "[b c] fails with c: dependency b was not started")]
    // Essential ones.
    [InlineData("!a0 !b+", "")]
    [InlineData("!a0 !b0", "succeeds")]
    [InlineData("!a0 b+ c.", "succeeds")]
    [InlineData("!a0 b7", "succeeds")]
    [InlineData("!a+ b7", "")]
    [InlineData("!a7 !b+", "fails with a")]
    [InlineData("!a0 !b7 !c+", "fails with b")]
    [InlineData("!a3 !b7", "fails with a")]
    [InlineData("!a+ !bx", "fails with b")]
    [InlineData("!a+ bx", "")]
    [InlineData("!a0 !b<a+", "")]
    // A start timeout counts only for who waits for the end.
    [InlineData("a* !b+", "")]
    [InlineData("a* !b<a.", "b")]
    [InlineData("a* !b=a.", "[b] fails with b: dependency a did not end within its start timeout")]
    [InlineData("a* b?a. !c+", "[b] fails with b: dependency a did not end within its start timeout")]
    [InlineData("a* b?a0 !c+", "")]
    // Never refused at registration only by mistake.
    [InlineData("!a<b. !b<a.", "fails with a: containers wait for each other")]
    [InlineData("!a<a.", "fails with a: containers wait for each other")]
    [InlineData("!a<b. b<a. c+", "")]
    public void The_next_step_follows_from_where_the_containers_are(string containers, string expected)
    {
        var states = Parse(containers);

        var step = ContainerPlan.Next(states);

        List<string> words = [.. step.Starts.Select(index => states[index].Name)];
        if (step.GivenUp.Count > 0)
        {
            words.Add($"[{string.Join(' ', step.GivenUp.Keys.Order().Select(index => states[index].Name))}]");
        }

        words.AddRange(step.Verdict switch
        {
            null => [],
            { IsSuccess: true } => ["succeeds"],
            { Reason: { } reason } verdict => [$"fails with {states[verdict.Decisive].Name}: {reason.Replace("CannotStartContainerError: ", "", StringComparison.Ordinal)}"],
            var verdict => [$"fails with {states[verdict.Decisive].Name}"],
        });
        Assert.Equal(expected, string.Join(' ', words));
    }

    [Theory]
    [InlineData("!a0 !b0 c143", "None", "succeeds", true, AttemptEnd.Exited, 0)]
    [InlineData("!a143 !b7", "None", "b", true, AttemptEnd.Exited, 7)]
    [InlineData("!a143 !bx", "None", "b", true, AttemptEnd.Exited, null)]
    [InlineData("a1 !bx", "None", "b", false, AttemptEnd.FailedToStart, null)]
    [InlineData("!a0 !b143 c9", "Ordered", null, true, AttemptEnd.Exited, 143)]
    [InlineData("!a0 !bx", "Ordered", null, true, AttemptEnd.Exited, 0)]
    [InlineData("a143 !bx", "Ordered", null, false, AttemptEnd.Refused, null)]
    [InlineData("!a143 b0", "TimedOut", null, true, AttemptEnd.TimedOut, 143)]
    public void The_outcome_is_that_of_what_decided(string containers, string stopping, string? verdict, bool hasRun, AttemptEnd end, int? exitCode)
    {
        var states = Parse(containers);
        var come = verdict switch
        {
            null => null,
            "succeeds" => new ContainerVerdict(IsSuccess: true, 0, null),
            _ => new(IsSuccess: false, states.FindIndex(state => state.Name == verdict), "why"),
        };

        var outcome = ContainerPlan.Outcome(states, Enum.Parse<StopCause>(stopping), come, hasRun);

        Assert.Equal((end, exitCode), (outcome.End, outcome.ExitCode));
        Assert.Equal(come is { IsSuccess: false } ? "why" : null, outcome.Reason);
    }

    private static List<ContainerState> Parse(string containers)
    {
        var words = containers.Split(' ');
        var names = words.Select(word => word.TrimStart('!')[..1]).ToArray();
        return [.. words.Select((word, index) => Parse(word, names))];
    }

    private static ContainerState Parse(string word, string[] names)
    {
        var text = word.TrimStart('!');
        List<ContainerWait> waits = [];
        var at = 1;
        for (; text[at] is '<' or '?' or '='; at += 2)
        {
            var condition = text[at] switch { '<' => ContainerCondition.Start, '?' => ContainerCondition.Complete, _ => ContainerCondition.Success };
            waits.Add(new(Array.IndexOf(names, text[(at + 1)..(at + 2)]), condition));
        }

        var place = text[at..];
        return new()
        {
            Name = text[..1],
            IsEssential = word[0] == '!',
            DependsOn = waits,
            Phase = place switch
            {
                "." => ContainerPhase.Waiting,
                "~" => ContainerPhase.Starting,
                "+" or "*" => ContainerPhase.Running,
                "x" => ContainerPhase.NeverStarted,
                _ => ContainerPhase.Ended,
            },
            ExitCode = int.TryParse(place, out var code) ? code : null,
            IsLate = place == "*",
        };
    }
}
