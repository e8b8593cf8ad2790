using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>Reads a catalogue of instance types from JSON.</summary>
/// <remarks>
/// <code>
/// {
///   "instanceTypes": [
///     { "type": "m5.large", "vcpus": 2, "memoryMiB": 8192, "usdPerHour": 0.096, "spotUsdPerHour": 0.04, "interruption": "5-10%" }
///   ],
///   "bundles": { "optimal": ["m5"] },
///   "fargate": { "usdPerVcpuHour": 0.04048, "usdPerGiBHour": 0.004445, "spotDiscountPercent": 70 }
/// }
/// </code>
/// A type may also have <c>registeredMemoryMiB</c> (default: 97.5 % of memoryMiB less 32), <c>gpus</c> (0) with <c>gpuModel</c>,
/// <c>architecture</c> (<c>x86_64</c> or <c>arm64</c>; default: x86_64), <c>spotUsdPerHour</c> (usdPerHour) and <c>interruption</c>
/// (<c>&lt;5%</c>, <c>5-10%</c>, <c>10-15%</c>, <c>15-20%</c> or <c>&gt;20%</c>; default: <c>&lt;5%</c>). Comments and commas at the end are allowed.
/// </remarks>
public static class InstanceCatalogueReader
{
    private static readonly string[] Interruptions = ["<5%", "5-10%", "10-15%", "15-20%", ">20%"];

    /// <summary>Reads it.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="InstanceCatalogueException">It is no such JSON: the message names entry, field and value.</exception>
    public static InstanceCatalogue Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return Read(new Entry(document.RootElement, string.Empty));
        }
        catch (JsonException wrong)
        {
            throw new InstanceCatalogueException(string.Empty, string.Empty, $"it is not JSON: {wrong.Message}");
        }
    }

    private static InstanceCatalogue Read(Entry root)
    {
        root.AllowOnly("instanceTypes", "bundles", "fargate");
        var types = new Dictionary<string, InstanceType>(StringComparer.Ordinal);
        foreach (var entry in root.Entries("instanceTypes"))
        {
            var type = ReadType(entry);
            if (!types.TryAdd(type.Name, type))
            {
                throw entry.Wrong("type", $"{type.Name} is listed twice");
            }
        }

        return new(types.Values, ReadBundles(root, types.Values), ReadFargate(root));
    }

    private static InstanceType ReadType(Entry entry)
    {
        entry = entry.Named("type");
        entry.AllowOnly(
            "type", "vcpus", "memoryMiB", "registeredMemoryMiB", "gpus", "gpuModel", "architecture", "usdPerHour", "spotUsdPerHour", "interruption");
        var name = entry.Text("type");
        if (name.Split('.') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw entry.Wrong("type", $"\"{name}\" must be a family and a size, such as m5.large");
        }

        var memory = entry.Whole("memoryMiB", 1, 1L << 40);
        var registered = entry.Has("registeredMemoryMiB") ? entry.Whole("registeredMemoryMiB", 0, memory) : InstanceType.RegisteredOf(memory);
        var gpus = entry.Has("gpus") ? (int)entry.Whole("gpus", 0, 1024) : 0;
        var price = entry.Usd("usdPerHour");
        return new()
        {
            Name = name,
            Vcpus = (int)entry.Whole("vcpus", 1, 100_000),
            MemoryMiB = memory,
            RegisteredMemoryMiB = registered,
            Gpus = gpus,
            GpuModel = entry.Has("gpuModel") ? entry.Text("gpuModel") : null,
            Architecture = entry.Has("architecture") ? (CpuArchitecture)entry.OneOf("architecture", ["x86_64", "arm64"]) : default,
            UsdPerHour = price,
            SpotUsdPerHour = entry.Has("spotUsdPerHour") ? entry.Usd("spotUsdPerHour") : price,
            Interruption = entry.Has("interruption") ? (InterruptionClass)entry.OneOf("interruption", Interruptions) : default,
        };
    }

    private static Dictionary<string, ImmutableArray<string>> ReadBundles(Entry root, IEnumerable<InstanceType> types)
    {
        var families = types.ToLookup(type => type.Family, StringComparer.Ordinal);
        var bundles = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var all = root.Object("bundles");
        foreach (var name in all.Fields())
        {
            ImmutableArray<string> members = [.. all.Texts(name)];
            if (members.FirstOrDefault(member => !families.Contains(member)) is { } unknown)
            {
                throw all.Wrong(name, $"\"{unknown}\" is no family of instanceTypes");
            }

            if (members.SelectMany(member => families[member]).Select(type => type.Architecture).Distinct().Count() > 1)
            {
                throw all.Wrong(name, "its families are of different CPU architectures");
            }

            bundles[name] = members;
        }

        return bundles;
    }

    private static FargatePrices ReadFargate(Entry root)
    {
        var fargate = root.Object("fargate");
        fargate.AllowOnly("usdPerVcpuHour", "usdPerGiBHour", "spotDiscountPercent");
        var discount = fargate.Usd("spotDiscountPercent");
        return discount > 100
            ? throw fargate.Wrong("spotDiscountPercent", $"{discount} must be between 0 and 100")
            : new(fargate.Usd("usdPerVcpuHour"), fargate.Usd("usdPerGiBHour"), discount);
    }

    /// <summary>A JSON object, and how errors call it.</summary>
    private readonly struct Entry(JsonElement json, string name)
    {
        public bool Has(string field) => Find(field) is not null;

        public string[] Fields() => [.. json.EnumerateObject().Select(field => field.Name)];

        /// <summary>The same, with the value of a field in its name, if it has one.</summary>
        public Entry Named(string field)
        {
            RequireObject();
            return Find(field) is { ValueKind: JsonValueKind.String } text ? new(json, $"{name} ({text.GetString()})") : this;
        }

        public void AllowOnly(params string[] fields)
        {
            RequireObject();
            if (Fields().FirstOrDefault(field => !fields.Contains(field)) is { } unknown)
            {
                throw Wrong(unknown, $"there is no such field; there are {string.Join(", ", fields)}");
            }
        }

        public Entry[] Entries(string field)
        {
            var list = Required(field, JsonValueKind.Array, "a list");
            return [.. list.EnumerateArray().Select((element, index) => new Entry(element, $"{field}[{index}]"))];
        }

        public Entry Object(string field) => new(Required(field, JsonValueKind.Object, "an object"), field);

        public string[] Texts(string field)
        {
            var list = Required(field, JsonValueKind.Array, "a list");
            foreach (var element in list.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.String)
                {
                    throw Wrong(field, $"{element.GetRawText()} must be a text");
                }
            }

            return [.. list.EnumerateArray().Select(element => element.GetString()!)];
        }

        public string Text(string field) => Required(field, JsonValueKind.String, "a text").GetString()!;

        public long Whole(string field, long least, long most)
        {
            var value = Required(field, JsonValueKind.Number, "a whole number");
            return value.TryGetInt64(out var number) && number >= least && number <= most
                ? number
                : throw Wrong(field, $"{value.GetRawText()} must be a whole number between {least} and {most}");
        }

        public decimal Usd(string field)
        {
            var value = Required(field, JsonValueKind.Number, "a number");
            return value.TryGetDecimal(out var number) && number is >= 0 and <= 1_000_000
                ? number
                : throw Wrong(field, $"{value.GetRawText()} must be a number between 0 and 1000000");
        }

        public int OneOf(string field, string[] values)
        {
            var text = Text(field);
            var index = Array.IndexOf(values, text);
            return index >= 0 ? index : throw Wrong(field, $"\"{text}\" must be one of {string.Join(", ", values)}");
        }

        public InstanceCatalogueException Wrong(string field, string problem) => new(name, field, problem + ".");

        private JsonElement? Find(string field) => json.TryGetProperty(field, out var value) ? value : null;

        private void RequireObject()
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw Wrong(string.Empty, $"{json.GetRawText()} must be an object");
            }
        }

        private JsonElement Required(string field, JsonValueKind kind, string what)
        {
            RequireObject();
            return Find(field) is not { } value
                ? throw Wrong(field, "it is missing")
                : value.ValueKind == kind ? value : throw Wrong(field, $"{value.GetRawText()} must be {what}");
        }
    }
}
