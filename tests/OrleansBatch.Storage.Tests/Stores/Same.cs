using System.Text.Json;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Compares records by what is in them: their lists are equal only to themselves.</summary>
internal static class Same
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    public static void As<T>(T expected, T actual) => Assert.Equal(JsonSerializer.Serialize(expected, Options), JsonSerializer.Serialize(actual, Options));
}
