using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>Requests made from the shapes: a valid one with one thing wrong, at every place that the types know.</summary>
internal static class Mutations
{
    private const string Hole = "\"@hole@\"";

    /// <summary>Values that some type does not take, or some rule does not.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "\"\"", "\"x\"", "\" \"", $"\"{new string('x', 600)}\"", $"\"{new string('y', 20_000)}\"", "\"\\u0000\"", "\"\\ud800\"", "\"a\\u0007\\r\\nb\"",
        "\"\\uFFFF\"", "\"arn:aws:batch:us-east-1:123456789012:job-queue/none\"", "\"arn:\"", "\"a:b:c\"", "\"*\"", "\"../..\"", "\"NaN\"",
        "0", "-1", "-0", "1.5", "1e2", "1e999", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "99999999999999999999", "NaN", "01",
        "[]", "[null]", "[[]]", "[\"\"]", "[{}]", "[1]", $"[{string.Join(',', Enumerable.Repeat("\"x\"", 200))}]", $"[{string.Join(',', Enumerable.Repeat("{}", 120))}]",
        "{}", "{\"\":null}", "{\"\":\"\"}", "{\"a\":{}}", "{\"a\":\"b\"}", "{\"a\":1,\"a\":\"b\"}", $"{{{string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"k{i}\":\"v\""))}}}",
        $"{{\"{new string('k', 300)}\":\"{new string('v', 300)}\"}}", "{\"aws:a\":\"b\"}", new string('[', 70) + new string(']', 70), new string('[', 5_000),
    ];

    /// <summary>All of an operation: where, with what, and the body.</summary>
    public static IEnumerable<(string Path, string Value, string Body)> Of(AnOperation operation)
    {
        foreach (var value in Values)
        {
            yield return ("", value, value);
        }

        var valid = JsonNode.Parse(operation.Valid)!;
        foreach (var path in Paths(BatchJson.Default.GetTypeInfo(operation.Type)!))
        {
            var around = With(valid, path);
            foreach (var value in Values)
            {
                yield return (string.Join('.', path), value, around.Replace(Hole, value, StringComparison.Ordinal));
            }
        }

        foreach (var member in valid.AsObject().Select(member => member.Key))
        {
            var without = valid.DeepClone().AsObject();
            _ = without.Remove(member);
            yield return (member, "(missing)", without.ToJsonString());
            yield return (member, "(twice)", $"{{{JsonSerializer.Serialize(member)}:1,{operation.Valid[1..]}");
            yield return (member, "(other case)", $"{{\"{member.ToUpperInvariant()}\":1,{operation.Valid[1..]}");
        }

        yield return ("", "(unknown member)", $"{{\"noSuchMember\":{{\"a\":[1]}},{operation.Valid[1..]}");
    }

    /// <summary>Every member of a type, however deep; <c>0</c> stands for a list's element.</summary>
    private static IEnumerable<string[]> Paths(JsonTypeInfo info)
    {
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                foreach (var member in info.Properties)
                {
                    yield return [member.Name];
                    foreach (var inner in Paths(info.Options.GetTypeInfo(member.PropertyType)))
                    {
                        yield return [member.Name, .. inner];
                    }
                }

                break;
            case JsonTypeInfoKind.Enumerable:
                yield return ["0"];
                foreach (var inner in Paths(info.Options.GetTypeInfo(info.ElementType!)))
                {
                    yield return ["0", .. inner];
                }

                break;
            case JsonTypeInfoKind.Dictionary:
                yield return ["key"];
                break;
        }
    }

    /// <summary>The valid request with a hole at a path; what lies on the way is made where it is missing.</summary>
    private static string With(JsonNode valid, string[] path)
    {
        var root = valid.DeepClone();
        var at = root;
        for (var i = 0; i < path.Length; i++)
        {
            JsonNode? next = i == path.Length - 1 ? JsonNode.Parse(Hole) : path[i + 1] == "0" ? new JsonArray() : new JsonObject();
            if (at is JsonArray list)
            {
                if (list.Count == 0)
                {
                    list.Add(next);
                }
                else if (i == path.Length - 1)
                {
                    list[0] = next;
                }

                at = list[0]!;
            }
            else
            {
                var map = at.AsObject();
                if (i == path.Length - 1 || map[path[i]] is null)
                {
                    map[path[i]] = next;
                }

                at = map[path[i]]!;
            }
        }

        return root.ToJsonString();
    }
}
