using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;

namespace OrleansBatch.AgentProtocol;

/// <summary>Versions and sizes of the protocol.</summary>
public static class ProtocolLimits
{
    /// <summary>The version that is spoken here.</summary>
    public const int Version = 2;

    /// <summary>The version since which logs are shipped.</summary>
    public const int ShipsLogsSince = 2;

    /// <summary>The oldest version that is understood. An older side is refused with words that say so.</summary>
    public const int OldestVersion = 1;

    /// <summary>The largest message that is taken, in bytes: a hello with a quarter of a million open attempts.</summary>
    public const int LargestMessage = 16 * 1024 * 1024;

    /// <summary>Orders and reports are cut into messages of about this many bytes, so that a renewal never waits behind a long one.</summary>
    public const int UsualMessage = 512 * 1024;

    /// <summary>Cuts a list into payloads of the usual size; one item that is longer stands alone.</summary>
    public static IEnumerable<(ImmutableArray<T> Items, ByteString Payload)> Cut<T>(ImmutableArray<T> items, JsonTypeInfo<ImmutableArray<T>> type)
    {
        var payload = PayloadJson.Write(items, type);
        if (payload.Length <= UsualMessage || items.Length == 1)
        {
            return [(items, payload)];
        }

        var half = items.Length / 2;
        return Cut(items[..half], type).Concat(Cut(items[half..], type));
    }
}
