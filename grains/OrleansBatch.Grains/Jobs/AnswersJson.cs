using System.Text.Json.Serialization;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>The answers that are recorded for a client's retries.</summary>
[JsonSerializable(typeof(SubmitJobResponse))]
[JsonSerializable(typeof(RegisterJobDefinitionResponse))]
internal sealed partial class AnswersJson : JsonSerializerContext;
