using System.Text.Json.Serialization;

namespace OrleansBatch.Client.Output;

/// <summary>What became of each job that was to be stopped, in the form of AWS's CancelJobs and TerminateJobs.</summary>
/// <param name="Successful">Ids whose request was accepted.</param>
/// <param name="Errors">The others.</param>
internal sealed record StopAnswer(IReadOnlyList<string> Successful, IReadOnlyList<StopError> Errors);

/// <summary>A job that could not be stopped.</summary>
/// <param name="Job">Its id, as given.</param>
/// <param name="Code">The error's name.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record StopError(string Job, string Code, string Message);

/// <summary>The JSON of answers that are the console's own.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StopAnswer))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
