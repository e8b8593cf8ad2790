using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>Wrong arrays, dependencies and calls for many jobs, sent to the real program: each refusal names the field, its value and the limit.</summary>
[Collection(ARealScheduler.Collection)]
public sealed class ArrayTests(ARealScheduler scheduler)
{
    private const string Unknown = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    public static TheoryData<string, string[]> Submissions => new()
    {
        { """{"arrayProperties":{"size":1}}""", ["arrayProperties.size", "between 2 and 10000", "got 1."] },
        { """{"arrayProperties":{"size":0}}""", ["arrayProperties.size", "between 2 and 10000", "got 0."] },
        { """{"arrayProperties":{"size":-5}}""", ["arrayProperties.size", "between 2 and 10000", "got -5."] },
        { """{"arrayProperties":{"size":10001}}""", ["arrayProperties.size", "between 2 and 10000", "got 10001."] },
        { """{"arrayProperties":{"size":2147483648}}""", ["arrayProperties.size", "whole number", "2147483647"] },
        { $$"""{"dependsOn":[{{string.Join(',', Enumerable.Repeat("{\"jobId\":\"{job}\"}", 21))}}]}""", ["dependsOn", "at most 20", "got 21."] },
        { """{"dependsOn":[{"jobId":"{job}"},{"jobId":"{job}","type":"sequential"}]}""", ["dependsOn[1].type", "'sequential'", "[N_TO_N, SEQUENTIAL]"] },
        { """{"dependsOn":[{"jobId":"{job}","type":"N_TO_N"}]}""", ["dependsOn[0]", "N_TO_N is for array jobs"] },
        { """{"dependsOn":[{"type":"SEQUENTIAL"}]}""", ["dependsOn[0]", "SEQUENTIAL without a jobId is for array jobs"] },
        { """{"dependsOn":[{}]}""", ["dependsOn[0].jobId is required"] },
        { """{"arrayProperties":{"size":2},"dependsOn":[{"type":"N_TO_N"}]}""", ["dependsOn[0].jobId is required"] },
        { """{"dependsOn":[{"jobId":"x"}]}""", ["dependsOn[0].jobId", "'x' is not a job id"] },
        { $$"""{"dependsOn":[{"jobId":"{{Unknown}}"}]}""", ["dependsOn[0].jobId", $"{Unknown} does not exist"] },
        { $$"""{"dependsOn":[{"jobId":"{{Unknown}}#1"}]}""", ["dependsOn[0].jobId", "#1 is one node"] },
        { """{"dependsOn":[{"jobId":"{array}:2"}]}""", ["dependsOn[0].jobId", ":2 does not exist"] },
        { """{"dependsOn":[{"jobId":"{array}:01"}]}""", ["dependsOn[0].jobId", ":01"] },
        { """{"arrayProperties":{"size":3},"dependsOn":[{"jobId":"{array}","type":"N_TO_N"}]}""", ["dependsOn[0]", "same size, 3", "an array of 2"] },
        { """{"arrayProperties":{"size":3},"dependsOn":[{"jobId":"{job}","type":"N_TO_N"}]}""", ["dependsOn[0]", "same size, 3", "not an array"] },
        { """{"arrayProperties":{"size":2},"dependsOn":[{"jobId":"{array}:1","type":"N_TO_N"}]}""", ["dependsOn[0]", "same size, 2", "not an array"] },
    };

    public static TheoryData<string, string[]> Listings => new()
    {
        { """{"arrayJobId":"x"}""", ["arrayJobId", "x does not exist"] },
        { $$"""{"arrayJobId":"{{Unknown}}"}""", ["arrayJobId", $"{Unknown} does not exist"] },
        { """{"arrayJobId":"{job}"}""", ["arrayJobId", "does not exist"] },
        { """{"arrayJobId":"{array}:1"}""", ["arrayJobId", ":1 is part of a job"] },
        { """{"arrayJobId":"{array}","jobQueue":"valid"}""", ["Exactly one of", "jobQueue", "arrayJobId"] },
        { """{"arrayJobId":"{array}","jobStatus":"DONE"}""", ["jobStatus", "'DONE'", "SUCCEEDED"] },
        { """{"arrayJobId":"{array}","maxResults":1001}""", ["maxResults", "between 1 and 1000", "got 1001."] },
        { """{"arrayJobId":"{array}","maxResults":0}""", ["maxResults", "between 1 and 1000", "got 0."] },
        { """{"arrayJobId":"{array}","nextToken":"x"}""", ["nextToken"] },
        { """{"arrayJobId":"{array}","filters":[{"name":"JOB_NAME","values":["a"]}]}""", ["filters", "arrayJobId"] },
    };

    public static TheoryData<string, string, string[]> WrongCallsForMany
    {
        get
        {
            (string Body, string[] Named)[] bodies =
            [
                ("""{"reason":"r"}""", ["jobs", "at least 1"]),
                ("""{"jobs":null,"reason":"r"}""", ["jobs", "at least 1"]),
                ("""{"jobs":[],"reason":"r"}""", ["jobs", "at least 1"]),
                ($$"""{"jobs":[{{string.Join(',', Enumerable.Repeat("\"{job}\"", 51))}}],"reason":"r"}""", ["jobs", "at most 50", "got 51."]),
                ("""{"jobs":["{job}"]}""", ["'reason' is a required field"]),
                ("""{"jobs":["{job}"],"reason":""}""", ["'reason' is a required field"]),
                ($$"""{"jobs":["{job}"],"reason":"{{new string('r', 1025)}}"}""", ["reason", "at most 1024", "got 1025."]),
                ("""{"jobs":"{job}","reason":"r"}""", ["jobs must be an array"]),
                ("""{"jobs":{"a":"{job}"},"reason":"r"}""", ["jobs must be an array"]),
                ("""{"jobs":["{job}",null],"reason":"r"}""", ["jobs[1]", "null"]),
                ("""{"jobs":["{job}",7],"reason":"r"}""", ["jobs[1] must be a string"]),
                ("""{"jobs":["{job}"],"reason":7}""", ["reason must be a string"]),
            ];
            TheoryData<string, string, string[]> all = [];
            foreach (var (body, named) in bodies)
            {
                all.Add("canceljobs", body, named);
                all.Add("terminatejobs", body, named);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Submissions))]
    public Task An_array_or_dependency_that_breaks_a_rule_is_refused_by_name(string changes, string[] named)
    {
        var body = JsonNode.Parse("""{"jobName":"n","jobQueue":"valid","jobDefinition":"valid"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        return AssertRefusedAsync("submitjob", body.ToJsonString(), named);
    }

    [Theory]
    [MemberData(nameof(Listings))]
    public Task A_listing_of_children_that_breaks_a_rule_is_refused_by_name(string body, string[] named) => AssertRefusedAsync("listjobs", body, named);

    [Theory]
    [MemberData(nameof(WrongCallsForMany))]
    public async Task A_call_for_many_jobs_that_breaks_a_rule_is_refused_and_nothing_of_it_is_done(string path, string body, string[] named)
    {
        await AssertRefusedAsync(path, body, named);

        // Its job waits as before.
        await scheduler.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("canceljobs")]
    [InlineData("terminatejobs")]
    public async Task Of_many_jobs_each_is_answered_for_itself(string path)
    {
        using var batch = new Testing.BatchClient(scheduler.Endpoint);
        var job = await batch.SubmitAsync(new { jobName = "many", jobQueue = "valid", jobDefinition = "valid" });
        var array = await batch.SubmitAsync(new { jobName = "many", jobQueue = "valid", jobDefinition = "valid", arrayProperties = new { size = 3 } });
        var arn = $"arn:aws:batch:us-east-1:123456789012:job/{job}";
        string[] jobs = [job, "nonsense", Unknown, $"{array}:1", $"{job}#0", job, arn, "", $"{array}:9", "arn:aws:batch:us-east-1:123456789012:job-queue/valid"];

        var answer = await PostAsync(path, new { jobs, reason = "not these" });

        Assert.Equal(200, answer.Status);
        var body = JsonNode.Parse(answer.Body)!;
        Assert.Equal([job, Unknown, $"{array}:1", arn, $"{array}:9"], body["successful"]!.AsArray().Select(id => (string)id!));
        Assert.Equal(
            [("nonsense", "ValidationException"), ($"{job}#0", "ClientException"), ("", "ValidationException"), (jobs[^1], "ValidationException")],
            body["errors"]!.AsArray().Select(error => ((string)error!["job"]!, (string)error["code"]!)));
        Assert.All(body["errors"]!.AsArray(), error => Assert.NotEmpty((string)error!["message"]!));
        var described = await batch.DescribeAsync([job, array, $"{array}:1", $"{array}:0"]);
        Assert.Equal(["FAILED", "PENDING", "FAILED", "RUNNABLE"], described.Select(one => (string)one["status"]!));
        Assert.Equal("not these", (string)described[2]["statusReason"]!);
        Assert.Equal(1, (int)described[1]["arrayProperties"]!["statusSummary"]!["FAILED"]!);
    }

    [Fact]
    public async Task Fifty_jobs_a_reason_of_1024_characters_and_nothing_that_exists_are_taken()
    {
        var jobs = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid().ToString()).ToArray();

        var answer = await PostAsync("terminatejobs", new { jobs, reason = new string('r', 1024) });

        Assert.Equal(200, answer.Status);
        Assert.Equal(jobs, JsonNode.Parse(answer.Body)!["successful"]!.AsArray().Select(id => (string)id!));
    }

    [Fact]
    public async Task An_array_that_says_no_size_is_a_single_job()
    {
        var answer = await PostAsync("submitjob", new { jobName = "n", jobQueue = "valid", jobDefinition = "valid", arrayProperties = new { }, dependsOn = Array.Empty<object>() });

        using var batch = new Testing.BatchClient(scheduler.Endpoint);
        var job = Assert.Single(await batch.DescribeAsync([(string)JsonNode.Parse(answer.Body)!["jobId"]!]));
        Assert.False(job.ContainsKey("arrayProperties"));
        Assert.Empty(job["dependsOn"]!.AsArray());
    }

    [Fact]
    public async Task Children_are_listed_page_by_page_and_a_token_is_good_for_its_own_listing_alone()
    {
        using var batch = new Testing.BatchClient(scheduler.Endpoint);
        var array = await batch.SubmitAsync(new { jobName = "paged", jobQueue = "valid", jobDefinition = "valid", arrayProperties = new { size = 5 } });
        List<int> seen = [];
        string? token = null;
        string? first = null;
        do
        {
            var page = await batch.CallAsync("ListJobs", new { arrayJobId = array, jobStatus = "RUNNABLE", maxResults = 2, nextToken = token });
            seen.AddRange(page["jobSummaryList"]!.AsArray().Select(child => (int)child!["arrayProperties"]!["index"]!));
            token = (string?)page["nextToken"];
            first ??= token;
        }
        while (token is not null);

        Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.Empty((await batch.CallAsync("ListJobs", new { arrayJobId = array }))["jobSummaryList"]!.AsArray());
        await AssertRefusedAsync("listjobs", $$"""{"arrayJobId":"{array}","jobStatus":"RUNNABLE","nextToken":"{{first}}"}""", ["nextToken"]);
        await AssertRefusedAsync("listjobs", $$"""{"arrayJobId":"{{array}}","jobStatus":"FAILED","nextToken":"{{first}}"}""", ["nextToken"]);
    }

    private async Task AssertRefusedAsync(string path, string body, string[] named)
    {
        var text = body.Replace("{job}", scheduler.JobId, StringComparison.Ordinal).Replace("{array}", scheduler.ArrayId, StringComparison.Ordinal);

        var answer = await scheduler.SendAsync(HttpMethod.Post, $"/v1/{path}", new StringContent(text));

        Assert.True(answer.Unsoundness() is null, answer.Body);
        Assert.Equal((400, "ClientException"), (answer.Status, answer.Headers.GetValues("x-amzn-ErrorType").Single()));
        Assert.All(named, words => Assert.Contains(words, answer.Message!, StringComparison.Ordinal));
    }

    private Task<WireAnswer> PostAsync(string path, object body) => scheduler.SendAsync(HttpMethod.Post, $"/v1/{path}", JsonContent.Create(body));
}
