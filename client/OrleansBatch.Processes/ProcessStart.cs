namespace OrleansBatch.Processes;

/// <summary>One program to start.</summary>
public sealed record ProcessStart
{
    /// <summary>The program's file; no search is made.</summary>
    public required string Path { get; init; }

    /// <summary>Its arguments, its own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its whole environment, each as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The directory it begins in; must exist.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The file that its stdout and stderr are appended to; made if it is not there. Its directory must exist.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Descriptor of the control group (v2) that it is born in; null: that of this process. Needs <see cref="ProcessLauncher.CanStartInCgroup"/>.</summary>
    public int? Cgroup { get; init; }

    /// <summary>Descriptors that it gets, as 3 and on; all others are closed. Each must be above the numbers they become.</summary>
    public IReadOnlyList<int> Inherited { get; init; } = [];
}
