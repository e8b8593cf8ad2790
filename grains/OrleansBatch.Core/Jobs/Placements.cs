using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Names all that a new attempt brings along.</summary>
public static class Placements
{
    /// <summary>The place of a new attempt.</summary>
    /// <param name="scope">Whose job it is.</param>
    /// <param name="spec">The job.</param>
    /// <param name="taskId">32 hexadecimal digits, new for each attempt.</param>
    /// <param name="environment">The environment's name.</param>
    /// <param name="clusterName">The environment's modelled ECS cluster.</param>
    /// <param name="epoch">The epoch of the environment's activation.</param>
    /// <param name="reservationId">The reservation it fills.</param>
    /// <param name="nodeId">The node.</param>
    /// <param name="incarnation">The incarnation of the node's agent.</param>
    /// <param name="fargate">On Fargate, the host of its own: it shows no container instance; null elsewhere.</param>
    /// <param name="host">The modelled host; null when that is the node itself, and on Fargate.</param>
    /// <param name="usdPerHour">What its part of the host costs, in USD per hour; null: nothing.</param>
    /// <param name="address">Of a node of a multi-node job: its address; null of other jobs.</param>
    /// <param name="gpus">Which of its machine's GPUs are its own; null: none is named.</param>
    public static JobPlacement New(
        Scope scope,
        JobSpec spec,
        string taskId,
        string environment,
        string clusterName,
        long epoch,
        string reservationId,
        string nodeId,
        string incarnation,
        FargateHost? fargate = null,
        string? host = null,
        decimal? usdPerHour = null,
        string? address = null,
        IReadOnlyList<int>? gpus = null) => new()
        {
            Environment = environment,
            Epoch = epoch,
            ReservationId = reservationId,
            NodeId = nodeId,
            Incarnation = incarnation,
            TaskArn = Arns.EcsTask(scope, clusterName, taskId),
            ContainerInstanceArn = fargate is not null ? null : Arns.EcsContainerInstance(scope, clusterName, ContainerInstanceId(clusterName, host ?? nodeId)),
            Host = host,
            UsdPerHour = usdPerHour,
            Fargate = fargate,
            Address = address,
            Gpus = gpus,
            LogStream = LogNames.Stream(spec, taskId),
        };

    /// <summary>Whether a live attempt is on another node than this one, whose reports of it do not count.</summary>
    /// <param name="state">The job.</param>
    /// <param name="fence">The attempt.</param>
    /// <param name="nodeId">Who reports it.</param>
    public static bool IsElsewhere(JobState state, long fence, string nodeId) =>
        state.Placement is { } placement && state.Fence == fence && placement.NodeId != nodeId;

    /// <summary>A host is the same container instance of a cluster for as long as it lives: 32 hexadecimal digits.</summary>
    private static string ContainerInstanceId(string clusterName, string hostId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{clusterName}/{hostId}")).AsSpan(0, 16));
}
