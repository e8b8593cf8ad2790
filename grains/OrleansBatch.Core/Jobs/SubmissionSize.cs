using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Measures what is limited by its length as JSON.</summary>
internal static class SubmissionSize
{
    /// <summary>Bytes of the request, written without white space.</summary>
    public static int InBytes(SubmitJobRequest request) =>
        Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(request, SubmissionJson.Default.SubmitJobRequest));

    /// <summary>Characters of the overrides as the task gets them.</summary>
    /// <remarks>Source: Amazon ECS API, TaskOverride: at most 8192 characters, which include the JSON formatting.</remarks>
    public static int OfTaskOverrides(ContainerOverrides overrides) =>
        OfTaskOverrides([new("default", overrides.Command, overrides.Environment, overrides.ResourceRequirements)]);

    /// <summary>As above, for a task of several containers.</summary>
    public static int OfTaskOverrides(IReadOnlyList<TaskContainerOverride> overrides) =>
        JsonSerializer.Serialize(new TaskOverride(overrides), SubmissionJson.Default.TaskOverride).Length;
}

/// <summary>The overrides of one task.</summary>
internal sealed record TaskOverride(IReadOnlyList<TaskContainerOverride> ContainerOverrides);

/// <summary>The overrides of one container of a task.</summary>
internal sealed record TaskContainerOverride(
    string Name,
    IReadOnlyList<string>? Command,
    IReadOnlyList<EnvironmentVariable>? Environment,
    IReadOnlyList<ResourceRequirement>? ResourceRequirements);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization | JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SubmitJobRequest))]
[JsonSerializable(typeof(TaskOverride))]
internal sealed partial class SubmissionJson : JsonSerializerContext;
