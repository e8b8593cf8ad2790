using System.Collections.Immutable;

namespace OrleansBatch.Simulation;

/// <summary>What a sequence begins with.</summary>
/// <param name="Vcpus">vCPUs of each environment, which has a machine of its own.</param>
/// <param name="Seed">Of the choices that no command makes.</param>
/// <param name="Tokens">How much there is of a resource that comes back.</param>
/// <param name="Credits">How much there is of one that is used up.</param>
internal sealed record Setup(ImmutableArray<int> Vcpus, uint Seed, int Tokens = 2, int Credits = 5)
{
    public override string ToString() => $"new([{string.Join(", ", Vcpus)}], {Seed}, {Tokens}, {Credits})";
}

/// <summary>How a job waits for one that is there already.</summary>
internal enum DependencyKind
{
    Whole,
    Child,
    EachToEach,
    Sequence,
}

/// <param name="Kind">How.</param>
/// <param name="Job">Which of those that fit, counted from the newest.</param>
internal sealed record DependencyOn(DependencyKind Kind, int Job);

/// <summary>Something that a client, a machine or an accident does. Numbers choose among what there is.</summary>
internal abstract record Command
{
    /// <summary>A submission.</summary>
    /// <param name="Size">Children; 1: a single job.</param>
    /// <param name="Tokens">What each attempt holds of the resource that comes back.</param>
    /// <param name="Credits">What each attempt uses up of the other.</param>
    public sealed record Submit(int Queue, int Size, int Attempts, int Vcpus, bool HasTimeout, ImmutableArray<DependencyOn> DependsOn, int Tokens = 0, int Credits = 0) : Command
    {
        public override string ToString() =>
            $"new Command.Submit({Queue}, {Size}, {Attempts}, {Vcpus}, {(HasTimeout ? "true" : "false")}, [{string.Join(", ", DependsOn.Select(entry => $"new(DependencyKind.{entry.Kind}, {entry.Job})"))}], {Tokens}, {Credits})";
    }

    /// <summary>A client sends a submission again.</summary>
    public sealed record SubmitAgain(int Call) : Command;

    /// <summary>CancelJob; of an array its child, or -1: the whole.</summary>
    public sealed record Cancel(int Job, int Child) : Command;

    /// <summary>TerminateJob.</summary>
    public sealed record Terminate(int Job, int Child) : Command;

    /// <summary>TagResource; children have no tags of their own.</summary>
    public sealed record Retag(int Job) : Command;

    /// <summary>DeleteJobQueue, after it was disabled.</summary>
    public sealed record DeleteQueue(int Queue) : Command;

    /// <summary>A process ends.</summary>
    public sealed record Exit(int Process, int Code) : Command;

    /// <summary>An attempt cannot be started.</summary>
    public sealed record FailToStart(int Attempt) : Command;

    /// <summary>Some of what is pending goes on: in its order, the newest first, or in any.</summary>
    public sealed record Run(int Turns, int Order) : Command;

    /// <summary>A message, or its answer, gets lost.</summary>
    public sealed record Lose(int Message) : Command;

    /// <summary>A message is delivered twice.</summary>
    public sealed record Double(int Message) : Command;

    /// <summary>Time passes.</summary>
    public sealed record Pass(int Seconds) : Command;

    /// <summary>The scheduler's program dies where it is, and its agents with it. It is started again by the next command that needs it.</summary>
    public sealed record Crash : Command;

    /// <summary>An agent is started anew.</summary>
    public sealed record RestartAgent(int Machine) : Command;

    /// <summary>A supervisor is killed.</summary>
    public sealed record KillSupervisor(int Machine) : Command;

    /// <summary>A machine loses its power, and its disk or not.</summary>
    public sealed record LosePower(int Machine, bool KeepsDisk) : Command
    {
        public override string ToString() => $"new Command.LosePower({Machine}, {(KeepsDisk ? "true" : "false")})";
    }

    /// <summary>A job has two activations for a while.</summary>
    public sealed record SplitJob(int Job, int Child) : Command;

    /// <summary>An environment has two activations for a while.</summary>
    public sealed record SplitEnvironment(int Environment) : Command;

    /// <summary>Jobs that nobody asks for leave memory.</summary>
    public sealed record Collect : Command;

    /// <summary>As it is written in a test.</summary>
    public static string Text(Command command)
    {
        var text = command.ToString();
        return text.StartsWith("new ", StringComparison.Ordinal)
            ? text
            : $"new Command.{command.GetType().Name}({string.Join(", ", command.GetType().GetProperties().Where(property => property.Name != "EqualityContract").Select(property => property.GetValue(command)))})";
    }
}
