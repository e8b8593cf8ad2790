using System.Text.Json;
using OrleansBatch.Model;

namespace OrleansBatch.Core;

/// <summary>What a caller may not ask for yet.</summary>
internal static class Unavailable
{
    /// <summary>Refuses a member of a feature that is not there yet, unless it is absent or empty.</summary>
    /// <exception cref="BatchClientException">It asks for something.</exception>
    public static void Refuse(RawJson? value, string member)
    {
        if (value.IsGiven())
        {
            throw Feature(member);
        }
    }

    /// <summary>Says that a feature is not there yet.</summary>
    public static BatchClientException Feature(string what) => new($"{what} is not available yet.");

    /// <summary>Whether a member asks for something: clients also send empty objects and lists, which ask for nothing.</summary>
    public static bool IsGiven(this RawJson? value)
    {
        if (value is null)
        {
            return false;
        }

        using var document = JsonDocument.Parse(value.Text);
        return IsGiven(document.RootElement);
    }

    private static bool IsGiven(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => false,
        JsonValueKind.Array => element.GetArrayLength() > 0,
        JsonValueKind.Object => element.EnumerateObject().Any(member => IsGiven(member.Value)),
        _ => true,
    };
}
