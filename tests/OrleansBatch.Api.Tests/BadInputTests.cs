using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Tests;

/// <summary>Every member of every request, given every kind of wrong value: the caller always gets an answer that says what is wrong.</summary>
public sealed class BadInputTests
{
    private const int Seed = 20160810;

    private static readonly string[] Values =
    [
        "null", "true", "\"\"", "\"x\"", $"\"{new string('x', 20_000)}\"", "\"\\u0000\\uFFFF\"", "0", "-1", "1.5", "1e400", "99999999999999999999",
        "[]", "[null]", "[[]]", "[\"\"]", "[{}]", "{}", "{\"\":null}", "{\"a\":{}}", "{\"a\":\"b\"}",
    ];

    public static TheoryData<string> Operations => [.. OperationIndex.Available.Concat(OperationIndex.OnLogs).Select(operation => operation.Name), "TagResource"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Any_value_in_any_member_is_taken_or_refused_by_name(string operation)
    {
        await using var server = await ABatchServer.StartAsync();
        foreach (var around in Surroundings(RequestInfoOf(operation)))
        {
            foreach (var value in Values)
            {
                AssertSound(await SendAsync(server, operation, Encoding.UTF8.GetBytes(around.Replace("?", value, StringComparison.Ordinal))));
            }
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Any_damage_to_the_bytes_is_taken_or_refused(string operation)
    {
        await using var server = await ABatchServer.StartAsync();
        Random random = new(Seed);
        var all = Surroundings(RequestInfoOf(operation)).Select(around => around.Replace("?", "\"x\"", StringComparison.Ordinal)).ToList();
        for (var round = 0; round < 200; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(all[random.Next(all.Count)]);
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            AssertSound(await SendAsync(server, operation, bytes[..random.Next(bytes.Length + 1)]));
        }

        Assert.Empty(server.Log.Errors);
    }

    private static void AssertSound(Answer answer)
    {
        answer.AssertFramed();
        if (answer.Status == 200)
        {
            return;
        }

        Assert.InRange(answer.Status, 400, 499);
        _ = answer.AssertError(answer.Status, answer.ErrorType!);
    }

    private static Task<Answer> SendAsync(ABatchServer server, string operation, byte[] body) => OperationIndex.OnLogs.Any(one => one.Name == operation)
        ? server.SendAsync(HttpMethod.Post, "/", new ByteArrayContent(body), ("X-Amz-Target", "Logs_20140328." + operation))
        : server.PostAsync(operation == "TagResource" ? "/v1/tags/arn%3Ax" : Operation.PathOf(operation), body);

    private static JsonTypeInfo RequestInfoOf(string operation)
    {
        var request = operation switch
        {
            "CancelJob" or "TerminateJob" => "StopJobRequest",
            "CancelJobs" or "TerminateJobs" => "StopJobsRequest",
            _ => operation + "Request",
        };
        var type = typeof(Model.Scope).Assembly.GetTypes().Single(candidate => candidate.Name == request);
        return BatchJson.Default.GetTypeInfo(type)!;
    }

    /// <summary>A body for each member, however deep, with <c>?</c> in the member's place.</summary>
    private static IEnumerable<string> Surroundings(JsonTypeInfo info)
    {
        yield return "?";
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                foreach (var member in info.Properties)
                {
                    foreach (var inner in Surroundings(info.Options.GetTypeInfo(member.PropertyType)))
                    {
                        yield return string.Create(CultureInfo.InvariantCulture, $"{{{JsonSerializer.Serialize(member.Name)}:{inner}}}");
                    }
                }

                break;
            case JsonTypeInfoKind.Enumerable:
                foreach (var inner in Surroundings(info.Options.GetTypeInfo(info.ElementType!)))
                {
                    yield return $"[{inner}]";
                }

                break;
        }
    }
}
