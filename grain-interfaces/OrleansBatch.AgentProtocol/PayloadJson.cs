using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.AgentProtocol;

/// <summary>Orders, reports and pages as they travel inside the messages: the records of the model as JSON.</summary>
/// <remarks>
/// Not as messages of their own: these records exist already, have their rules for growing, and would have to be copied member by member on both sides,
/// where a member that is forgotten is lost silently. Not as Orleans writes them either, although that is shorter: those bytes name types, and what comes
/// over the network must not choose what is made of it. JSON of known types passes over what it does not know, so an older side reads a newer one; a member
/// that is added must not be <c>required</c>. A test pins the names.
/// </remarks>
public static class PayloadJson
{
    /// <summary>Writes one.</summary>
    public static ByteString Write<T>(T value, JsonTypeInfo<T> type) => UnsafeByteOperations.UnsafeWrap(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static T Read<T>(ByteString bytes, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes.Span, type) ?? throw new InvalidDataException($"A {typeof(T).Name} is null.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"A {typeof(T).Name} is not what it should be.", problem);
        }
    }

    /// <summary>As the protocol names it.</summary>
    public static Attempt ToWire(this AttemptId attempt) => new() { JobId = attempt.JobId, Fence = attempt.Fence };

    /// <summary>As the model names it.</summary>
    public static AttemptId ToModel(this Attempt attempt) => new(attempt.JobId, attempt.Fence);
}
