using System.Collections.Immutable;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent;

/// <summary>The environment of attempts, from scratch: the host's minimum, above it the operator's variables, above them the job's.</summary>
internal sealed class AttemptEnvironment
{
    private readonly Dictionary<string, string> _below;

    /// <summary>Takes the host's minimum and the operator's variables.</summary>
    public AttemptEnvironment(IEnumerable<KeyValuePair<string, string>> operators)
    {
        _below = new(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : ProgramSearch.DefaultPath,
            ["HOME"] = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/",
            ["HOSTNAME"] = Environment.MachineName,
            ["LANG"] = "C.UTF-8",
        };
        foreach (var (name, value) in operators)
        {
            _below[name] = value;
        }
    }

    /// <summary>The whole environment of one attempt, as <c>NAME=value</c>.</summary>
    public string[] With(ImmutableArray<KeyValuePair<string, string>> own)
    {
        var all = new Dictionary<string, string>(_below, StringComparer.Ordinal);
        foreach (var (name, value) in own)
        {
            all[name] = value;
        }

        var texts = new string[all.Count];
        var i = 0;
        foreach (var (name, value) in all)
        {
            texts[i++] = $"{name}={value}";
        }

        return texts;
    }
}
