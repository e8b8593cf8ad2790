using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Requests;

/// <summary>What a job waits for, as it is typed and shown: <c>ID</c>, <c>ID:each</c> or <c>previous</c>.</summary>
/// <remarks>Whether it makes sense is for the scheduler to say.</remarks>
internal static class Dependencies
{
    private const string Each = ":each";
    private const string Previous = "previous";
    private const string EachToEach = "N_TO_N";
    private const string Sequential = "SEQUENTIAL";

    /// <summary>As a request has them; null when there are none.</summary>
    public static IReadOnlyList<JobDependency>? Read(string[]? texts) => texts is { Length: > 0 } ? Array.ConvertAll(texts, Read) : null;

    /// <summary>On one line.</summary>
    public static string Text(IEnumerable<JobDependency>? entries) => string.Join(' ', (entries ?? []).Select(Text));

    private static JobDependency Read(string text) =>
        text == Previous ? new() { Type = Sequential }
        : text.EndsWith(Each, StringComparison.Ordinal) ? new() { JobId = text[..^Each.Length], Type = EachToEach }
        : new() { JobId = text };

    private static string Text(JobDependency entry) => entry.JobId is not { } id ? Previous : entry.Type == EachToEach ? id + Each : id;
}
