using CsCheck;
using OrleansBatch.Core.Tags;
using OrleansBatch.Model;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Core.Tests.Tags;

public sealed class TagChangeTests
{
    private static readonly Dictionary<string, string> Some = new() { ["team"] = "a", ["Team"] = "b", ["empty"] = "" };

    private static readonly Gen<Dictionary<string, string>> Tags = Gen.Dictionary(Gen.OneOf("a", "b", "c", "A", "aws"), Gen.OneOf("", "1", "2"))[0, 4];

    [Fact]
    public void Tags_are_set_over_those_of_the_same_key_and_the_others_stay() => Assert.Equal(
        new Dictionary<string, string> { ["team"] = "c", ["Team"] = "b", ["empty"] = "", ["new"] = "" },
        TagChanges.Apply(Some, TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string> { ["team"] = "c", ["new"] = "" } })).ToDictionary());

    [Fact]
    public void Keys_are_removed_by_their_exact_case_and_unknown_ones_ignored() => Assert.Equal(
        new Dictionary<string, string> { ["team"] = "a", ["empty"] = "" },
        TagChanges.Apply(Some, TagChanges.Of(new UntagResourceRequest { TagKeys = ["Team", "TEAM", "unknown", "Team"] })).ToDictionary());

    [Fact]
    public void The_same_change_again_changes_nothing() => Gen.Select(Tags, Tags, Gen.OneOf("a", "b", "x").List[0, 3]).Sample((before, set, remove) =>
    {
        var change = new TagChange { Set = set, Remove = remove };
        var after = TagChanges.Apply(before, change);
        Assert.Same(after, TagChanges.Apply(after, new() { Set = set }));
        Assert.All(set, tag => Assert.Equal(tag.Value, after[tag.Key]));
        Assert.All(remove.Except(set.Keys), key => Assert.False(after.ContainsKey(key)));
        Assert.All(before.Keys.Except(set.Keys).Except(remove), key => Assert.Equal(before[key], after[key]));
    });

    [Fact]
    public void Fifty_tags_are_the_most_in_all()
    {
        var forty = Enumerable.Range(0, 40).ToDictionary(i => $"k{i}", _ => "v");
        var ten = Enumerable.Range(40, 10).ToDictionary(i => $"k{i}", _ => "v");
        var fifty = TagChanges.Apply(forty, new() { Set = ten });

        Assert.Equal(50, fifty.Count);
        Assert.Equal("w", TagChanges.Apply(fifty, new() { Set = new Dictionary<string, string> { ["k1"] = "w" } })["k1"]);
        var refused = Assert.Throws<BatchClientException>(() => TagChanges.Apply(fifty, new() { Set = new Dictionary<string, string> { ["k50"] = "v" } }));
        Assert.Equal("A resource can have at most 50 tags, got 51.", refused.Message);
    }

    [Theory]
    [InlineData("", "Tag key '' must have 1 to 128 characters, got 0.")]
    [InlineData("aws:x", "Tag key 'aws:x' begins with aws:, which is reserved.")]
    [InlineData("AWS:x", "Tag key 'AWS:x' begins with aws:, which is reserved.")]
    public void A_key_that_cannot_be_is_refused_by_both(string key, string message)
    {
        Assert.Equal(message, Assert.Throws<BatchClientException>(() => TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string> { [key] = "v" } })).Message);
        Assert.Equal(message, Assert.Throws<BatchClientException>(() => TagChanges.Of(new UntagResourceRequest { TagKeys = [key] })).Message);
    }

    [Fact]
    public void Keys_have_up_to_128_and_values_up_to_256_characters()
    {
        _ = TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string> { [new('k', 128)] = new('v', 256) } });

        Assert.Contains("got 129", Assert.Throws<BatchClientException>(() => TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string> { [new('k', 129)] = "" } })).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 256", Assert.Throws<BatchClientException>(() => TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string> { ["k"] = new('v', 257) } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_change_is_refused()
    {
        Assert.Equal("tags must have at least 1 entry.", Assert.Throws<BatchClientException>(() => TagChanges.Of(new TagResourceRequest())).Message);
        Assert.Equal("tags must have at least 1 entry.", Assert.Throws<BatchClientException>(() => TagChanges.Of(new TagResourceRequest { Tags = new Dictionary<string, string>() })).Message);
        Assert.Equal("tagKeys must have 1 to 50 entries, got 0.", Assert.Throws<BatchClientException>(() => TagChanges.Of(new UntagResourceRequest { TagKeys = [] })).Message);
        Assert.Equal("tagKeys must have 1 to 50 entries, got 51.", Assert.Throws<BatchClientException>(() => TagChanges.Of(new UntagResourceRequest { TagKeys = [.. Enumerable.Repeat("k", 51)] })).Message);
    }
}
